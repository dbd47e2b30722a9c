package dev.loci.cli;

import dev.loci.importer.SyntheticModel;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `loci synth`: a model directory of any size with random weights.
@RegisterForReflection
@Command(name = "synth", description = "Write a model of a given shape with random weights, for benchmarks.")
final class SynthCommand implements Callable<Integer> {
    @Option(
            names = "--config",
            required = true,
            paramLabel = "F",
            description = "The model's shape, in the keys that loci import takes.")
    private Path config;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "The model directory; it must not exist.")
    private Path out;

    @Mixin
    private TypeOptions types;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Equal seeds give equal weights (default: ${DEFAULT-VALUE}).")
    private long seed;

    private final Streams streams;

    SynthCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        SyntheticModel.Options options =
                new SyntheticModel.Options(config, Optional.empty(), out, types.dense(), types.table(), seed);
        return Written.report(streams, "writing", out, progress -> SyntheticModel.run(options, progress));
    }
}
