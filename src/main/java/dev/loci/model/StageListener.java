package dev.loci.model;

/// Hears where a step is. Called on the step's thread; must return at once.
@FunctionalInterface
public interface StageListener {
    /// Hears nothing.
    StageListener NONE = _ -> {};

    /// What ran since the last call, or since the start of the step, belongs to this stage.
    void ended(Stage stage);
}
