package dev.loci.cli.bench;

import dev.loci.kernel.Hits;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.RowType;
import dev.loci.kernel.TableRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Pooled rows of a table that no cache holds, beside the machine's limit: the same rows are read without work and then
/// pooled, in turn, so that what the machine does otherwise strikes both. Data alone count as bytes, scales do not.
final class GatherBench {
    private static final List<Integer> AHEAD = List.of(4, 8, 16, 32, 64, 128);
    private static final int TOKENS = 256;
    private static final int HITS = 64;
    private static final int FILLING = 0x3C; // finite in every type
    private static final double TOLERANCE = 1e-5;

    private final BenchReport report;
    private final Kernels reference;
    private final int runs;
    private final long bytesOfRun;

    /// One kind of row, and where its rows lie.
    private record Rows(TableRows table, int dataBytes, int readBytes, MemorySegment all, MemorySegment numbers) {
        String name() {
            return KernelCase.name(table.type());
        }

        long calls() {
            return numbers.byteSize() / (4L * TOKENS * HITS);
        }
    }

    /// Buffers of a call.
    private record Call(MemorySegment groups, MemorySegment weights, MemorySegment out) {}

    GatherBench(BenchReport report, Kernels reference, int runs, long bytesOfRun) {
        this.report = report;
        this.reference = reference;
        this.runs = runs;
        this.bytesOfRun = bytesOfRun;
    }

    void run(List<Kernels> each, MappedMemory memory, long tableBytes) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment bytes = memory.allocate(tableBytes, true, arena);
            bytes.fill((byte) FILLING);
            Call call = new Call(
                    arena.allocate(4L * TOKENS * HITS, 64),
                    new RandomData(arena).floats((long) TOKENS * HITS, 1),
                    arena.allocate(4L * TOKENS * MachineBench.ROW_BYTES.getLast(), 64));
            for (Kernels kernels : each) {
                for (RowType type : List.of(RowType.INT8, RowType.BF16)) {
                    for (int dataBytes : MachineBench.ROW_BYTES) {
                        try (Arena own = Arena.ofShared()) {
                            measure(kernels, rows(own, type, dataBytes, bytes), call);
                        }
                    }
                }
            }
        }
    }

    private Rows rows(Arena arena, RowType type, int dataBytes, MemorySegment bytes) {
        boolean scaled = type == RowType.INT8;
        int stride = scaled ? dataBytes + 16 : dataBytes;
        long count = bytes.byteSize() / stride;
        long calls = Math.max(1, bytesOfRun / dataBytes / (TOKENS * HITS));
        MemorySegment data = bytes.asSlice(0, count * stride);
        TableRows table = new TableRows(
                type, List.of(new TableRows.Part(data, 0, count)), count, scaled ? dataBytes : dataBytes / 2, stride);
        MemorySegment numbers = Table.rows(arena, calls * TOKENS * HITS, count, dataBytes);
        return new Rows(table, dataBytes, scaled ? dataBytes + 8 : dataBytes, data, numbers);
    }

    private void measure(Kernels kernels, Rows rows, Call call) {
        double error = check(kernels, rows, call);
        int ahead = bestDistance(kernels, rows);
        double bytes = 1e-9 * rows.calls() * TOKENS * HITS * rows.dataBytes();
        List<Double> limits = new ArrayList<>();
        List<Double> pooled = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            limits.add(bytes * 1e9 / read(kernels, rows, ahead));
            pooled.add(bytes * 1e9 / Stopwatch.once(() -> pool(kernels, rows, call)));
        }
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("type", rows.name());
        parameters.put("row_bytes", rows.dataBytes());
        parameters.put("threads", kernels.threads());
        BenchRecord limit = BenchRecord.of("gather limit", withDistance(parameters, ahead), "GB/s", limits);
        report.add(limit);
        report.add(new BenchRecord(
                "gather", parameters, "GB/s", OptionalDouble.of(limit.value()), OptionalDouble.of(error), pooled));
    }

    private static Map<String, Object> withDistance(Map<String, Object> parameters, int ahead) {
        Map<String, Object> all = new LinkedHashMap<>(parameters);
        all.put("ahead", ahead);
        return all;
    }

    /// Of two trials of each.
    private static int bestDistance(Kernels kernels, Rows rows) {
        int best = 0;
        long least = Long.MAX_VALUE;
        for (int ahead : AHEAD) {
            long nanos = Math.min(read(kernels, rows, ahead), read(kernels, rows, ahead));
            if (nanos < least) {
                least = nanos;
                best = ahead;
            }
        }
        return best;
    }

    private static long read(Kernels kernels, Rows rows, int ahead) {
        int stride = Math.toIntExact(rows.table().stride());
        return Stopwatch.once(() -> kernels.limit().rows(rows.all(), rows.readBytes(), stride, rows.numbers(), ahead));
    }

    private static void pool(Kernels kernels, Rows rows, Call call) {
        for (long i = 0; i < rows.calls(); i++) {
            kernels.pool().pool(rows.table(), hits(rows, call, i), TOKENS, 1, call.out());
        }
    }

    private static Hits hits(Rows rows, Call call, long index) {
        long bytes = 4L * TOKENS * HITS;
        return new Hits(rows.numbers().asSlice(index * bytes, bytes), call.groups(), call.weights(), HITS, 1);
    }

    private double check(Kernels kernels, Rows rows, Call call) {
        int dim = rows.table().dim();
        reference.pool().pool(rows.table(), hits(rows, call, 0), 1, 1, call.out());
        float[] expected = call.out().asSlice(0, 4L * dim).toArray(ValueLayout.JAVA_FLOAT);
        kernels.pool().pool(rows.table(), hits(rows, call, 0), 1, 1, call.out());
        float[] found = call.out().asSlice(0, 4L * dim).toArray(ValueLayout.JAVA_FLOAT);
        double error = 0;
        double greatest = Double.MIN_NORMAL;
        for (int i = 0; i < dim; i++) {
            error = Math.max(error, Math.abs((double) expected[i] - found[i]));
            greatest = Math.max(greatest, Math.abs(expected[i]));
        }
        if (!(error <= TOLERANCE * greatest)) {
            throw new BenchException("gather " + rows.name() + " " + rows.dataBytes()
                    + ": expected an error of at most " + TOLERANCE + ", found " + error / greatest);
        }
        return error / greatest;
    }
}
