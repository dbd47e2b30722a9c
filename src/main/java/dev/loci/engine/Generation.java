package dev.loci.engine;

import java.util.Optional;

/// A request under way. Thread-safe.
public interface Generation {
    /// Ends the generation by the next step, wherever it is; its last event is then [GenerationEvent.Finished] with
    /// [GenerationEvent.Reason#CANCELLED]. Does nothing after the last event.
    void cancel();

    /// How far it has come. Exact once [EngineObserver#ended] was told of it; before, numbers may be older than others.
    /// Empty where nobody keeps account.
    default Optional<Progress> progress() {
        return Optional.empty();
    }
}
