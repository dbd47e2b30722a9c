package dev.loci.engine;

import java.util.function.Consumer;

/// Takes requests and answers in events. Thread-safe.
public interface Generator {
    /// Queues a request.
    /// @param sink called on the engine's thread, in order; returns at once and does not throw
    /// @throws EngineException where the request cannot be taken: nothing has been queued then
    Generation submit(GenerationRequest request, Consumer<? super GenerationEvent> sink);
}
