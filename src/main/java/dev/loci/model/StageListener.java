package dev.loci.model;

/// Hears where a step is. Called on the step's thread; must return at once.
@FunctionalInterface
public interface StageListener {
    /// Hears nothing.
    StageListener NONE = _ -> {};

    /// What ran since the last call, or since the start of the step, belongs to this stage.
    void ended(Stage stage);

    /// A memory layer has gathered and pooled its rows.
    /// @param layer      of the memory layers, from 0
    /// @param hits       rows used, each time counted
    /// @param uniqueRows distinct rows among them
    /// @param faults     major faults of the process meanwhile, as far as they were looked for
    default void gathered(int layer, long hits, long uniqueRows, long nanos, long faults) {}
}
