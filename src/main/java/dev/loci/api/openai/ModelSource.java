package dev.loci.api.openai;

import dev.loci.engine.EngineStats;
import java.util.Optional;

/// Where the API finds what it serves. Thread-safe.
public interface ModelSource {
    /// Empty while nothing can answer.
    Optional<ServedModel> current();

    /// What the engine behind it has done; empty where there is none.
    Optional<EngineStats> stats();

    /// What its ops are; empty where there is none.
    Optional<Ops> ops();

    /// @param kernels backend and instruction set, such as `native/avx512`
    /// @param binding how they are called: `panama`, `jni` or `java`
    record Ops(String kernels, String binding) {}
}
