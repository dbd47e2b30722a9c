package dev.loci.app;

import dev.loci.engine.EngineOptions;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.store.HugePages;
import java.nio.file.Path;
import java.util.Objects;

/// What is needed to run a model.
/// @param model its directory
public record RuntimeOptions(Path model, KernelOptions kernels, HugePages hugePages, EngineOptions engine) {
    public RuntimeOptions {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(kernels, "kernels");
        Objects.requireNonNull(hugePages, "hugePages");
        Objects.requireNonNull(engine, "engine");
    }
}
