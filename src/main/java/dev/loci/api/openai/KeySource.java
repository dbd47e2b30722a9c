package dev.loci.api.openai;

import java.util.Optional;

/// Where the API finds the keys that let clients in. Thread-safe, and quick: an event loop asks for every request.
public interface KeySource {
    /// The keys that hold now; empty where the server is open to everybody.
    Optional<ApiKeys> current();
}
