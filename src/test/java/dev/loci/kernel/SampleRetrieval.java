package dev.loci.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongFunction;

/// A memory layer's selecting part with a random shuffle.
record SampleRetrieval(int heads, int axisKeys, int keyDim, int rank, int coreCount, int top) {
    private static final int GROUPS = 3;

    /// @param numbers makes so many of them
    RetrievalKeys keys(Samples samples, LongFunction<MemorySegment> numbers) {
        int slots = axisKeys * axisKeys;
        int tableRows = (slots + GROUPS - 1) / GROUPS;
        return new RetrievalKeys(
                numbers.apply(2L * heads * axisKeys * rank * keyDim),
                numbers.apply((long) heads * rank),
                numbers.apply((long) heads * rank),
                numbers.apply((long) coreCount * heads * rank * rank),
                samples.permutation(slots),
                heads,
                axisKeys,
                keyDim,
                rank,
                coreCount,
                top,
                GROUPS,
                tableRows);
    }

    /// The same keys rounded to bf16, in panels laid out by the reference.
    static RetrievalKeys rounded(Arena arena, Kernels reference, RetrievalKeys keys) {
        int rows = keys.axisKeys() * keys.rank();
        int elements = rows * keys.keyDim();
        long each = RetrievalKeys.matrixBytes(WeightType.BF16, keys.axisKeys(), keys.rank(), keys.keyDim());
        MemorySegment panels = arena.allocate(each * 2 * keys.heads(), 64);
        for (int matrix = 0; matrix < 2 * keys.heads(); matrix++) {
            MemorySegment halves = arena.allocate(2L * elements, 2);
            for (int i = 0; i < elements; i++) {
                int bits = Float.floatToRawIntBits(Values.f32(keys.keys(), (long) matrix * elements + i));
                halves.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (bits >>> 16));
            }
            Matrix from = new Matrix(WeightType.BF16, halves, MemorySegment.NULL, rows, keys.keyDim());
            reference.pack().pack(from, panels.asSlice(matrix * each, each));
        }
        return with(keys, panels, WeightType.BF16);
    }

    /// The same layer with other keys.
    static RetrievalKeys with(RetrievalKeys keys, MemorySegment data, WeightType type) {
        return new RetrievalKeys(
                data,
                type,
                keys.u(),
                keys.v(),
                keys.cores(),
                keys.shuffle(),
                keys.heads(),
                keys.axisKeys(),
                keys.keyDim(),
                keys.rank(),
                keys.coreCount(),
                keys.top(),
                keys.groups(),
                keys.tableRows());
    }

    Hits hits(Arena arena, int tokens) {
        long count = (long) tokens * heads * top;
        return new Hits(
                arena.allocate(4 * count, 4),
                arena.allocate(4 * count, 4),
                arena.allocate(4 * count * coreCount, 4),
                heads * top,
                coreCount);
    }
}
