package dev.loci.kernel;

import dev.loci.kernel.scalar.ScalarKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Empty paged caches, and ways to fill them.
final class SampleCache {
    private SampleCache() {}

    /// Every sequence has its pages at random places.
    static KvPages of(
            Arena arena,
            Samples samples,
            KvType type,
            int kvHeads,
            int headDim,
            int sequences,
            int pagesPerSequence,
            int pageTokens) {
        int pages = sequences * pagesPerSequence + 1;
        long bytes = (long) pages * kvHeads * pageTokens * type.rowBytes(headDim);
        return new KvPages(
                type,
                arena.allocate(bytes, Float.BYTES),
                arena.allocate(bytes, Float.BYTES),
                pages,
                pageTokens,
                kvHeads,
                headDim,
                samples.permutation(pages).asSlice(0, 4L * (pages - 1)),
                sequences,
                pagesPerSequence);
    }

    /// The same cache with other memory for keys and values.
    static KvPages with(KvPages cache, MemorySegment keys, MemorySegment values) {
        return new KvPages(
                cache.type(),
                keys,
                values,
                cache.pages(),
                cache.pageTokens(),
                cache.kvHeads(),
                cache.headDim(),
                cache.pageTable(),
                cache.sequences(),
                cache.pagesPerSequence());
    }

    /// Positions 0 to `count - 1` of one sequence.
    static StepTokens run(Arena arena, int sequence, int count) {
        int[] positions = new int[count];
        int[] sequences = new int[count];
        for (int t = 0; t < count; t++) {
            positions[t] = t;
            sequences[t] = sequence;
        }
        return new StepTokens(Values.i32(arena, positions), Values.i32(arena, sequences), count);
    }

    static MemorySegment cosSin(Arena arena, int positions, int headDim) {
        MemorySegment table = arena.allocate(4L * positions * headDim, Float.BYTES);
        int half = headDim / 2;
        for (int p = 0; p < positions; p++) {
            for (int i = 0; i < half; i++) {
                double angle = p * Math.pow(10_000, -2.0 * i / headDim);
                long at = (long) p * headDim + i;
                table.set(ValueLayout.JAVA_FLOAT, 4 * at, (float) Math.cos(angle));
                table.set(ValueLayout.JAVA_FLOAT, 4 * (at + half), (float) Math.sin(angle));
            }
        }
        return table;
    }

    static QkvShape plain(Arena arena, int heads, int headDim, int positions) {
        Norm none = new Norm(Norm.Kind.RMS, MemorySegment.NULL, headDim, 0);
        return new QkvShape(
                heads, Float.POSITIVE_INFINITY, false, none, none, cosSin(arena, positions, headDim), positions);
    }

    /// Random keys and values, up to 1 in magnitude before the rotation, at positions 0 to `count - 1`.
    static void fill(Arena arena, Samples samples, KvPages cache, int sequence, int count) {
        int heads = cache.kvHeads();
        MemorySegment qkv = samples.floats(3L * count * heads * cache.headDim(), 1);
        MemorySegment q = arena.allocate(4L * count * heads * cache.headDim(), Float.BYTES);
        new ScalarKernels()
                .qkv()
                .prepare(qkv, plain(arena, heads, cache.headDim(), count), run(arena, sequence, count), cache, q);
    }
}
