package dev.loci.api.http;

import java.time.Duration;

/// How long a connection may keep the server waiting. Thread-safe.
public interface ConnectionLimits {
    /// For the whole head of a request: from the connection's beginning, or the end of the answer before.
    Duration head();

    /// For the whole body of a request, from the end of its head.
    Duration body();

    /// Without a byte of an answer going out, although there are some.
    Duration write();
}
