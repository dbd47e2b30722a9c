package dev.loci.engine;

import dev.loci.grammar.Grammars;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/// Takes requests and answers in events. Thread-safe.
public interface Generator {
    /// One of several requests that [#submitAll] takes.
    /// @param sink as that of [#submit]
    record Submission(GenerationRequest request, Consumer<? super GenerationEvent> sink) {
        public Submission {
            Objects.requireNonNull(request, "request");
            Objects.requireNonNull(sink, "sink");
        }
    }

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

    /// Most requests that [#submitAll] may ever take at once.
    default long maxAtOnce() {
        return Long.MAX_VALUE;
    }

    /// Queues several requests of one client, or none: where one cannot be taken, those that were are cancelled.
    /// @param flush as that of [#submit]
    /// @return theirs, in order
    /// @throws EngineException where they cannot be taken together; more than [#maxAtOnce] can never be
    default List<Generation> submitAll(List<Submission> submissions, Runnable flush) {
        List<Generation> taken = new ArrayList<>();
        try {
            for (Submission each : submissions) {
                taken.add(submit(each.request(), each.sink(), flush));
            }
            return taken;
        } finally {
            if (taken.size() < submissions.size()) {
                taken.forEach(Generation::cancel);
            }
        }
    }
}
