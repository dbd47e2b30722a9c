package dev.loci.cli;

import dev.loci.app.RuntimeOptions;
import dev.loci.engine.EngineOptions;
import dev.loci.engine.EngineOptions.ActivationMode;
import dev.loci.kernel.KvType;
import dev.loci.kernel.select.Isa;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.store.HugePages;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// How a model runs: options that every command with an engine has, each of them a configuration key of `serve`.
@RegisterForReflection
final class RuntimeFlags {
    @Option(
            names = "--kv-type",
            paramLabel = "T",
            defaultValue = "auto",
            description = "Type of the KV cache: f32, bf16, f16, int8 or auto (default: ${DEFAULT-VALUE}).")
    private String kvType;

    @Option(
            names = "--activations",
            paramLabel = "A",
            defaultValue = "auto",
            description = "f32: every op on f32; auto: int8 for int8 weights (default: ${DEFAULT-VALUE}).")
    private String activations;

    @Option(
            names = "--kernels",
            paramLabel = "B",
            defaultValue = "auto",
            description = "native, scalar, or auto (default: ${DEFAULT-VALUE}).")
    private String kernels;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads of the kernels; 0: as many as cores (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--huge-pages",
            paramLabel = "P",
            defaultValue = "off",
            description =
                    "Of value tables: off; on asks for them; copy copies tables into them; auto copies where memory"
                            + " allows (default: ${DEFAULT-VALUE}).")
    private String hugePages;

    /// Options of a runtime for a command that runs `sequences` of them at once.
    RuntimeOptions runtime(Path model, int sequences) {
        EngineOptions defaults = EngineOptions.DEFAULT;
        return new RuntimeOptions(
                model,
                kernelOptions(),
                hugePages(),
                new EngineOptions(
                        Names.parseOrAuto(KvType.class, "--kv-type", kvType),
                        activations(),
                        defaults.kvBytes(),
                        sequences,
                        Math.max(sequences, defaults.stepTokens()),
                        defaults.queueRequests()),
                Optional.empty());
    }

    private KernelOptions kernelOptions() {
        return new KernelOptions(
                Names.parse(KernelBackend.class, "--kernels", kernels),
                threads,
                Isa.capFromEnvironment(System.getenv()));
    }

    private HugePages hugePages() {
        return Names.parse(HugePages.class, "--huge-pages", hugePages);
    }

    private ActivationMode activations() {
        return Names.parse(ActivationMode.class, "--activations", activations);
    }
}
