package dev.loci.engine;

/// Hears what an engine does. All but [#submitted] is called on the engine's thread: it must return at once, take no
/// lock and, where it is called for each step, allocate nothing.
public interface EngineObserver {
    /// Hears nothing.
    EngineObserver NONE = new EngineObserver() {};

    /// A request was taken in; called on the thread that submits it, before anything else is told of it.
    default void submitted(Generation generation) {}

    /// A generation has told its last event.
    default void ended(Generation generation) {}

    default void stepBegan() {}

    /// A memory layer has gathered its rows for the step.
    /// @param layer  of the memory layers, from 0
    /// @param hits   rows used, each time counted
    /// @param faults major faults of the process meanwhile, as far as they were looked for
    default void gathered(int layer, long hits, long uniqueRows, long nanos, long faults) {}

    /// A step has run, and what came of it was handed out.
    /// @param step borrowed for the call
    default void stepEnded(Step step) {}

    /// One step: who took part with how many tokens.
    interface Step {
        /// Steps before this one.
        long number();

        /// When it began, as [System#nanoTime] gives it.
        long began();

        long nanos();

        int tokens();

        /// Tokens after which logits were wanted.
        int outputs();

        int sequences();

        Generation sequence(int index);

        int tokensOf(int index);
    }
}
