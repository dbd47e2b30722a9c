package dev.loci.engine;

import java.util.Optional;

/// A request under way. Thread-safe.
public interface Generation {
    /// Ends the generation by the next step, wherever it is; its last event is then [GenerationEvent.Finished] with
    /// [GenerationEvent.Reason#CANCELLED]. Does nothing after the last event.
    void cancel();

    /// Draws no more tokens until [#resume], and holds no pages of the cache meanwhile: events that nobody fetches are
    /// work for nothing. A token that is under way still comes.
    default void pause() {}

    /// Goes on after [#pause], in the place that its order of arrival gives it.
    default void resume() {}

    /// How far it has come. Exact once [EngineObserver#ended] was told of it; before, numbers may be older than others.
    /// Empty where nobody keeps account.
    default Optional<Progress> progress() {
        return Optional.empty();
    }
}
