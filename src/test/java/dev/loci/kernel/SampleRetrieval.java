package dev.loci.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
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
