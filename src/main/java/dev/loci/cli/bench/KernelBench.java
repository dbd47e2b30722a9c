package dev.loci.cli.bench;

import dev.loci.kernel.Kernels;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Each kernel beside the machine's limit, its generic version and its scalar reference.
final class KernelBench {
    /// Of the greatest value: int8 activations that fall on the other side of a tie move a result by a step.
    private static final double TOLERANCE = 2e-3;

    private final BenchReport report;
    private final Stopwatch watch;
    private final MachineLimits limits;
    private final Kernels kernels;
    private final Kernels generic;
    private final Kernels scalar;
    private final ModelConfig config;
    private final boolean quick;

    KernelBench(
            BenchReport report,
            Stopwatch watch,
            MachineLimits limits,
            Kernels kernels,
            Kernels generic,
            Kernels scalar,
            ModelConfig config,
            boolean quick) {
        this.report = report;
        this.watch = watch;
        this.limits = limits;
        this.kernels = kernels;
        this.generic = generic;
        this.scalar = scalar;
        this.config = config;
        this.quick = quick;
    }

    void run() {
        try (Arena arena = Arena.ofShared()) {
            RandomData data = new RandomData(arena);
            DenseCases dense = new DenseCases(data, config, limits, scalar.pack());
            dense.products(quick, kernels.multipliesBf16(), this::measure);
            dense.others(this::measure);
            config.memory().ifPresent(memory -> new MemoryCases(data, memory, limits).all(this::measure));
        }
    }

    private void measure(KernelCase each) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment expected = arena.allocate(each.outBytes(), 64);
            MemorySegment found = arena.allocate(each.outBytes(), 64);
            double scalarSeconds = Stopwatch.once(() -> each.call().accept(scalar, expected)) / 1e9;
            float[] reference = each.figures().apply(expected);
            each.call().accept(generic, found);
            check(each, reference, found, generic);
            each.call().accept(kernels, found);
            double error = check(each, reference, found, kernels);
            List<Double> runs = micros(watch.seconds(() -> each.call().accept(kernels, found)));
            List<Double> slow = micros(watch.seconds(() -> each.call().accept(generic, found)));
            report.add(new BenchRecord(
                    each.name(),
                    with(each, "native"),
                    "us",
                    OptionalDouble.of(1e6 * each.leastSeconds()),
                    OptionalDouble.of(error),
                    runs));
            report.add(BenchRecord.of(each.name(), with(each, "generic"), "us", slow));
            report.add(BenchRecord.of(each.name(), with(each, "scalar"), "us", List.of(1e6 * scalarSeconds)));
        }
    }

    private double check(KernelCase each, float[] reference, MemorySegment out, Kernels backend) {
        float[] found = each.figures().apply(out);
        double greatest = Double.MIN_NORMAL;
        double error = 0;
        for (int i = 0; i < reference.length; i++) {
            greatest = Math.max(greatest, Math.abs(reference[i]));
            double difference = Math.abs((double) reference[i] - found[i]);
            error = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(error, difference);
        }
        if (!(error / greatest <= TOLERANCE)) {
            throw new BenchException(each.name() + " " + each.parameters() + ", " + backend.name()
                    + ": expected an error of at most " + TOLERANCE + ", found " + error / greatest);
        }
        return error / greatest;
    }

    private static Map<String, Object> with(KernelCase each, String version) {
        Map<String, Object> parameters = new LinkedHashMap<>(each.parameters());
        parameters.put("version", version);
        return parameters;
    }

    private static List<Double> micros(List<Double> seconds) {
        return seconds.stream().map(each -> 1e6 * each).toList();
    }
}
