package dev.loci.cli.bench;

import dev.loci.kernel.KernelException;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.LimitKernel.Product;
import dev.loci.kernel.MappedMemory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The limits of the machine: reads in order, reads of random rows, and products.
final class MachineBench {
    static final List<Integer> ROW_BYTES = List.of(128, 256, 384, 768, 2048);
    private static final List<Integer> AHEAD = List.of(16, 32, 64);
    private static final long REPEATS = 1 << 15;
    private static final long CHECKED_BYTES = 64L << 20;

    private final BenchReport report;
    private final Stopwatch watch;
    private final Kernels reference;
    private final long bytesOfRun;
    private final MachineLimits limits = new MachineLimits();

    /// @param bytesOfRun rows read in a run, in bytes
    MachineBench(BenchReport report, Stopwatch watch, Kernels reference, long bytesOfRun) {
        this.report = report;
        this.watch = watch;
        this.reference = reference;
        this.bytesOfRun = bytesOfRun;
    }

    MachineLimits limits() {
        return limits;
    }

    void products(List<Kernels> each) {
        for (Kernels kernels : each) {
            for (Product product : Product.values()) {
                try {
                    long done = kernels.limit().products(product, REPEATS);
                    List<Double> runs = watch.rates(
                            2e-9 * done, () -> require(done, kernels.limit().products(product, REPEATS)));
                    BenchRecord record = BenchRecord.of(
                            "products",
                            parameters("type", product.name().toLowerCase(Locale.ROOT), kernels),
                            "GFLOP/s",
                            runs);
                    report.add(record);
                    limits.product(product, record.value() * 1e9);
                } catch (KernelException e) {
                    // a kind that this machine lacks has no line
                }
            }
        }
    }

    void reads(List<Kernels> each, MappedMemory memory, long tableBytes) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment table = Table.allocate(arena, tableBytes);
            if (Table.hasSmallPages()) {
                reads(each, table, "4k");
            } else {
                report.note("every page is huge here: transparent_hugepage is set to always");
            }
            boolean huge = Table.intoHugePages(memory, table);
            reads(each, table, huge ? "huge" : "advice refused");
        }
    }

    private void reads(List<Kernels> each, MemorySegment table, String pages) {
        check(each, table);
        for (Kernels kernels : each) {
            Map<String, Object> parameters = parameters("pages", pages, kernels);
            BenchRecord record = BenchRecord.of(
                    "sequential read",
                    parameters,
                    "GB/s",
                    watch.rates(1e-9 * table.byteSize(), () -> kernels.limit().read(table)));
            report.add(record);
            limits.read(record.value() * 1e9);
        }
        for (int rowBytes : ROW_BYTES) {
            try (Arena arena = Arena.ofShared()) {
                MemorySegment rows = Table.rows(arena, bytesOfRun / rowBytes, table.byteSize() / rowBytes, rowBytes);
                for (Kernels kernels : each) {
                    rows(kernels, table, rowBytes, rows, pages);
                }
            }
        }
    }

    private void rows(Kernels kernels, MemorySegment table, int rowBytes, MemorySegment rows, String pages) {
        int best = AHEAD.getFirst();
        long least = Long.MAX_VALUE;
        for (int ahead : AHEAD) {
            long nanos = Stopwatch.once(() -> kernels.limit().rows(table, rowBytes, rowBytes, rows, ahead));
            if (nanos < least) {
                least = nanos;
                best = ahead;
            }
        }
        int ahead = best;
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("row_bytes", rowBytes);
        parameters.putAll(parameters("pages", pages, kernels));
        parameters.put("ahead", ahead);
        double bytes = rows.byteSize() / 4.0 * rowBytes;
        BenchRecord record = BenchRecord.of(
                "random rows",
                parameters,
                "GB/s",
                watch.rates(1e-9 * bytes, () -> kernels.limit().rows(table, rowBytes, rowBytes, rows, ahead)));
        report.add(record);
        limits.rows(rowBytes, record.value() * 1e9);
    }

    /// Both kinds of read give what the reference gives.
    private void check(List<Kernels> each, MemorySegment table) {
        MemorySegment part = table.asSlice(0, Math.min(table.byteSize(), CHECKED_BYTES));
        try (Arena arena = Arena.ofShared()) {
            int rowBytes = ROW_BYTES.getFirst();
            MemorySegment rows = Table.rows(arena, 10_000, part.byteSize() / rowBytes, 1);
            long read = reference.limit().read(part);
            long random = reference.limit().rows(part, rowBytes, rowBytes, rows, 0);
            for (Kernels kernels : each) {
                require(read, kernels.limit().read(part));
                require(random, kernels.limit().rows(part, rowBytes, rowBytes, rows, AHEAD.getFirst()));
            }
        }
    }

    private static Map<String, Object> parameters(String name, Object value, Kernels kernels) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put(name, value);
        parameters.put("threads", kernels.threads());
        return parameters;
    }

    private static void require(long expected, long found) {
        if (expected != found) {
            throw new BenchException("limit, result: expected " + expected + ", found " + found);
        }
    }
}
