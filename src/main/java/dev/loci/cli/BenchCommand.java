package dev.loci.cli;

import dev.loci.cli.bench.Bench;
import dev.loci.cli.bench.BenchException;
import dev.loci.cli.bench.BenchReport;
import dev.loci.store.HugePages;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `loci bench`: what the machine can do, and how near the kernels and the forward pass come.
@RegisterForReflection
@Command(name = "bench", description = "Measure the machine, the kernels beside its limits, and the forward pass.")
final class BenchCommand implements Callable<Integer> {
    private static final double MOST_GIB = 1024;

    @Mixin
    private ModelOption model;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes a list of records.")
    private Optional<Path> json;

    @Option(names = "--quick", description = "Shorter runs.")
    private boolean quick;

    @Option(
            names = "--only",
            paramLabel = "PART",
            description =
                    "machine, kernels, gather or forward (default: all but gather); of the machine, always what it needs.")
    private Optional<String> only;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "0",
            description = "Threads of the kernels; 0: as many as cores (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--table-gib",
            paramLabel = "G",
            description = "Size of the table whose rows are read (default: 2; with --quick 0.5).")
    private Optional<Double> tableGib;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "5",
            description = "Runs of each figure, of which the median counts (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(
            names = "--huge-pages",
            paramLabel = "P",
            defaultValue = "off",
            description = "Of the model's value tables, as serve has it (default: ${DEFAULT-VALUE}).")
    private String hugePages;

    @Option(
            names = "--batch",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,2,4,8,16,32",
            description = "Sequences that the forward pass decodes together (default: ${DEFAULT-VALUE}).")
    private List<Integer> batches;

    private final Streams streams;

    BenchCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        double gib = tableGib.orElse(quick ? 0.5 : 2.0);
        if (!(gib >= 1.0 / 16 && gib <= MOST_GIB)) {
            throw CliException.ofOption("--table-gib", "0.0625 to 1024", gib);
        }
        if (threads < 0 || threads > 1024) {
            throw CliException.ofOption("--threads", "0 to 1024", threads);
        }
        if (runs < 1 || runs > 1000) {
            throw CliException.ofOption("--runs", "1 to 1000", runs);
        }
        for (int batch : batches) {
            if (batch < 1 || batch > Bench.MOST_BATCH) {
                throw CliException.ofOption("--batch", "1 to " + Bench.MOST_BATCH, batch);
            }
        }
        BenchReport report = new BenchReport(streams.out());
        Optional<Bench.Part> part = only.map(name -> Names.parse(Bench.Part.class, "--only", name));
        HugePages pages = Names.parse(HugePages.class, "--huge-pages", hugePages);
        long bytes = (long) (gib * 512) << 21;
        try {
            new Bench(new Bench.Options(model.path(), quick, part, threads, runs, bytes, pages, batches), report).run();
        } catch (BenchException e) {
            Problems.print("loci bench", e.getMessage(), streams);
            return Problems.UNEXPECTED;
        }
        if (json.isPresent()) {
            report.write(json.get());
        }
        return 0;
    }
}
