package dev.loci.app;

import dev.loci.engine.EngineOptions;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.store.HugePages;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/// What is needed to run a model.
/// @param model       its directory
/// @param prefixStore where pages of common prompts are kept, if anywhere
public record RuntimeOptions(
        Path model,
        KernelOptions kernels,
        HugePages hugePages,
        EngineOptions engine,
        Optional<PrefixStoreOptions> prefixStore) {
    public RuntimeOptions {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(kernels, "kernels");
        Objects.requireNonNull(hugePages, "hugePages");
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(prefixStore, "prefixStore");
    }
}
