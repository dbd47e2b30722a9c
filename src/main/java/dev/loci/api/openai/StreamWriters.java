package dev.loci.api.openai;

import io.netty.channel.EventLoop;
import io.vertx.core.impl.ContextInternal;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The writers of all event loops. Thread-safe.
final class StreamWriters {
    private final Map<EventLoop, StreamWriter> writers = new ConcurrentHashMap<>();

    /// The writer of the request's own event loop, on which writing takes no detour.
    StreamWriter of(RoutingContext request) {
        ContextInternal context = (ContextInternal) request.vertx().getOrCreateContext();
        return writers.computeIfAbsent(context.nettyEventLoop(), StreamWriter::new);
    }
}
