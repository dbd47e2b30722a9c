package dev.loci.cli;

import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import dev.loci.store.HugePages;
import dev.loci.store.ModelDirectory;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `loci inspect`: what a model directory holds, and whether its files are those that were written.
@RegisterForReflection
@Command(name = "inspect", description = "Show what a model directory holds and check the digests of its files.")
final class InspectCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "DIR", description = "The model directory.")
    private Path model;

    @Option(names = "--tensors", description = "List every dense tensor.")
    private boolean tensors;

    @Option(names = "--json", description = "Print JSON, every tensor included.")
    private boolean json;

    private final Streams streams;

    InspectCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        MappedMemory memory = KernelSelector.mappedMemory(new KernelOptions(KernelBackend.AUTO, 0, Optional.empty()));
        try (ModelDirectory directory = ModelDirectory.open(model, memory, HugePages.OFF)) {
            // Digests first: what is printed is then known to be what was written.
            try (ProgressLine progress = new ProgressLine(streams, "checking digests")) {
                directory.verify(progress);
            }
            ModelReport report = new ModelReport(directory);
            if (json) {
                streams.out().println(report.json());
            } else {
                report.lines(tensors).forEach(streams.out()::println);
            }
        }
        return 0;
    }
}
