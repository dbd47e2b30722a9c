package dev.loci.engine;

/// A request under way. Thread-safe.
public interface Generation {
    /// Ends the generation by the next step, wherever it is; its last event is then [GenerationEvent.Finished] with
    /// [GenerationEvent.Reason#CANCELLED]. Does nothing after the last event.
    void cancel();
}
