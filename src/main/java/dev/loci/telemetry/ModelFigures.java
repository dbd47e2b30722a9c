package dev.loci.telemetry;

import dev.loci.engine.EngineStats;
import dev.loci.engine.StepStats;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// Where metrics find what the served model and its engine have counted. Thread-safe.
public interface ModelFigures {
    /// Empty while no model is there.
    Optional<Figures> figures();

    /// @param model      the name by which clients ask for it
    /// @param kernels    backend and instruction set of the ops
    /// @param binding    how they are called
    /// @param threads    of the kernels
    /// @param kvType     element type of the KV cache
    /// @param kvBytes    of it
    /// @param pageTokens of a page of it
    /// @param tables     one for each memory layer
    record Figures(
            String model,
            String kernels,
            String binding,
            int threads,
            String kvType,
            long kvBytes,
            int pageTokens,
            EngineStats stats,
            StepStats steps,
            List<Table> tables) {
        public Figures {
            Objects.requireNonNull(model, "model");
            Objects.requireNonNull(stats, "stats");
            Objects.requireNonNull(steps, "steps");
            tables = List.copyOf(tables);
        }
    }

    /// @param bytes         of the table's files or copies
    /// @param residentBytes of them, in RAM; empty where that cannot be known
    record Table(long bytes, OptionalLong residentBytes) {}
}
