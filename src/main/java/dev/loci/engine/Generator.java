package dev.loci.engine;

import dev.loci.grammar.Grammars;
import java.util.Optional;
import java.util.function.Consumer;

/// Takes requests and answers in events. Thread-safe.
public interface Generator {
    /// Makes grammars that a [GenerationRequest] may ask for; empty where answers cannot be held to any.
    default Optional<Grammars> grammars() {
        return Optional.empty();
    }

    /// Queues a request.
    /// @param sink called on the engine's thread, in order; returns at once and does not throw
    /// @throws EngineException where the request cannot be taken: nothing has been queued then
    Generation submit(GenerationRequest request, Consumer<? super GenerationEvent> sink);

    /// As [#submit], for who hands events on to another thread: waking it for each event of a step would
    /// interrupt the engine as often.
    /// @param flush run on the engine's thread after events, once for all of a step where generations have the
    ///              same one; returns at once and does not throw
    default Generation submit(GenerationRequest request, Consumer<? super GenerationEvent> sink, Runnable flush) {
        return submit(request, event -> {
            sink.accept(event);
            flush.run();
        });
    }
}
