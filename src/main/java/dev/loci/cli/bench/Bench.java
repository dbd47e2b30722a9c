package dev.loci.cli.bench;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.select.Isa;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import dev.loci.model.Model;
import dev.loci.model.WeightPacker;
import dev.loci.store.HugePages;
import dev.loci.store.ModelDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Runs the parts in order: later ones stand beside the limits that the first measured.
public final class Bench {
    /// A part of the benchmark.
    public enum Part {
        MACHINE,
        KERNELS,
        /// Pooled rows of a large table beside the machine's limit for the same rows.
        GATHER,
        FORWARD
    }

    /// @param only       the part that is wanted; empty for all but the gathering of rows, which [Part#KERNELS] has too
    /// @param threads    of the kernels; 0: as many as cores
    /// @param runs       of each figure
    /// @param tableBytes of the table whose rows are read
    /// @param hugePages  of the model's own tables
    public record Options(
            Path model,
            boolean quick,
            Optional<Part> only,
            int threads,
            int runs,
            long tableBytes,
            HugePages hugePages,
            List<Integer> batches) {
        public Options {
            batches = List.copyOf(batches);
        }
    }

    /// Sequences that the forward pass can decode together.
    public static final int MOST_BATCH = ForwardBench.STEP_TOKENS;

    private static final long GIB = 1L << 30;
    private static final long MIB = 1L << 20;

    private final Options options;
    private final BenchReport report;
    private final Stopwatch watch;

    public Bench(Options options, BenchReport report) {
        this.options = options;
        this.report = report;
        this.watch = new Stopwatch(options.runs(), options.quick() ? 2_000_000 : 20_000_000);
    }

    public void run() throws IOException {
        MappedMemory memory = KernelSelector.mappedMemory(kernelOptions(KernelBackend.NATIVE, 1, Optional.empty()));
        try (ModelDirectory directory = ModelDirectory.open(options.model(), memory, options.hugePages());
                Kernels all = open(KernelBackend.NATIVE, options.threads(), Optional.empty());
                Kernels one = open(KernelBackend.NATIVE, 1, Optional.empty());
                Kernels generic = open(KernelBackend.NATIVE, options.threads(), Optional.of(Isa.GENERIC));
                Kernels scalar = open(KernelBackend.SCALAR, 1, Optional.empty())) {
            if (options.only().equals(Optional.of(Part.GATHER))) {
                gather(all.threads() > 1 ? List.of(one, all) : List.of(all), scalar, memory);
                return;
            }
            MachineLimits limits = machine(all, one, scalar, memory);
            if (wanted(Part.KERNELS)) {
                report.heading("kernels, " + all.name() + ", " + all.threads() + " threads");
                new KernelBench(report, watch, limits, all, generic, scalar, directory.config(), options.quick()).run();
            }
            if (wanted(Part.FORWARD)) {
                forward(directory, all, memory, limits);
            }
        }
    }

    private MachineLimits machine(Kernels all, Kernels one, Kernels scalar, MappedMemory memory) throws IOException {
        boolean whole = wanted(Part.MACHINE);
        MachineBench bench = new MachineBench(report, watch, scalar, (options.quick() ? 32 : 256) * MIB);
        List<Kernels> each = whole && all.threads() > 1 ? List.of(one, all) : List.of(all);
        report.heading("machine, " + all.name());
        bench.products(each);
        long wanted = whole ? options.tableBytes() : Math.min(options.tableBytes(), GIB / 2);
        bench.reads(each, memory, tableBytes(wanted));
        return bench.limits();
    }

    private void gather(List<Kernels> each, Kernels scalar, MappedMemory memory) throws IOException {
        report.heading("gather, " + each.getLast().name());
        GatherBench bench = new GatherBench(report, scalar, options.runs(), (options.quick() ? 16 : 96) * MIB);
        bench.run(each, memory, tableBytes(options.tableBytes()));
    }

    private long tableBytes(long wanted) throws IOException {
        long table = Table.affordable(wanted);
        if (table < wanted) {
            report.note("memory is short: the table has " + table / MIB + " MiB");
        }
        return table;
    }

    private void forward(ModelDirectory directory, Kernels kernels, MappedMemory memory, MachineLimits limits) {
        int runs = watch.runs();
        int tokens = options.quick() ? 16 : 128;
        if (directory.tables() > 0) {
            report.note(directory.tablePlacement().describe());
        }
        report.heading("forward pass, " + kernels.name() + ", " + kernels.threads() + " threads");
        try (Model model = Model.open(directory, new WeightPacker(kernels, memory, true));
                ForwardBench bench = new ForwardBench(report, limits, model, kernels, runs)) {
            bench.prefill(512);
            for (int batch : options.batches()) {
                bench.decode(batch, tokens);
            }
        }
    }

    private boolean wanted(Part part) {
        return options.only().isEmpty() || options.only().get() == part;
    }

    private static Kernels open(KernelBackend backend, int threads, Optional<Isa> cap) {
        return KernelSelector.open(kernelOptions(backend, threads, cap)).kernels();
    }

    private static KernelOptions kernelOptions(KernelBackend backend, int threads, Optional<Isa> cap) {
        return new KernelOptions(backend, threads, cap.or(() -> Isa.capFromEnvironment(System.getenv())));
    }
}
