package dev.loci.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

public abstract class AttentionKernelContract extends KernelContract {
    private static final int PAGE_TOKENS = 8;

    @Test
    void staysWithinTheErrorBound() {
        for (KvType type : KvType.values()) {
            for (int headDim : new int[] {2, 6, 8, 16, 18, 34, 64}) {
                for (int[] heads : new int[][] {{1, 1}, {4, 2}, {6, 1}}) {
                    assertWithinBound(cache(type, heads[1], headDim, 21), heads[0], 21, 1);
                }
            }
            assertWithinBound(cache(type, 2, 32, 300), 4, 300, 1);
            assertWithinBound(cache(type, 2, 32, 40), 4, 40, 30);
        }
    }

    /// A score errs by headDim steps of its terms, a weight by twice that of the scores, the sum by a step a position.
    private void assertWithinBound(KvPages cache, int heads, int positions, float spread) {
        int headDim = cache.headDim();
        StepTokens tokens = tokens(positions);
        MemorySegment q = samples.floats((long) tokens.count() * heads * headDim, spread);
        MemorySegment actual = out((long) tokens.count() * heads * headDim);
        MemorySegment expected = out((long) tokens.count() * heads * headDim);
        kernels.attention().attend(q, heads, tokens, cache, actual);
        reference.attention().attend(q, heads, tokens, cache, expected);
        double largest = Math.sqrt(2); // of a rotated pair
        double score = (headDim + 4) * STEP * Math.sqrt(headDim) * spread * largest;
        double bound = (2 * score + (positions + 16) * STEP) * largest;
        assertWithin(
                actual, expected, i -> bound, cache.type() + " of " + headDim + ", " + heads + " heads, " + positions);
    }

    /// The first, a middle and the last two positions of sequence 1, then the first of sequence 0.
    private StepTokens tokens(int positions) {
        return new StepTokens(
                Values.i32(arena, 0, positions / 2, positions - 2, positions - 1, 0),
                Values.i32(arena, 1, 1, 1, 1, 0),
                5);
    }

    private KvPages cache(KvType type, int kvHeads, int headDim, int positions) {
        int pages = (positions + PAGE_TOKENS - 1) / PAGE_TOKENS;
        KvPages cache = SampleCache.of(arena, samples, type, kvHeads, headDim, 2, pages, PAGE_TOKENS);
        SampleCache.fill(arena, samples, cache, 0, positions);
        SampleCache.fill(arena, samples, cache, 1, positions);
        return cache;
    }

    @Test
    void aTokenHasTheSameBitsInEveryBatchAndOnEveryNumberOfThreads() {
        int count = 33;
        int heads = 6;
        for (KvType type : KvType.values()) {
            KvPages cache = cache(type, 2, 34, count);
            MemorySegment q = samples.floats((long) count * heads * 34, 1);
            long rowBytes = 4L * heads * 34;
            MemorySegment alone = out((long) count * heads * 34);
            for (int t = 0; t < count; t++) {
                StepTokens one = new StepTokens(Values.i32(arena, t), Values.i32(arena, 1), 1);
                MemorySegment out = Values.rows(alone, t, 1, rowBytes);
                kernels.attention().attend(Values.rows(q, t, 1, rowBytes), heads, one, cache, out);
            }
            for (int threads = 1; threads <= 3; threads++) {
                try (Kernels more = open(threads)) {
                    for (int tokens = 2; tokens <= count; tokens++) {
                        MemorySegment batch = out((long) tokens * heads * 34);
                        more.attention().attend(q, heads, SampleCache.run(arena, 1, tokens), cache, batch);
                        MemorySegment expected = Values.rows(alone, 0, tokens, rowBytes);
                        assertSameBits(batch, expected, type + ", " + tokens + " tokens on " + threads + " threads");
                    }
                }
            }
        }
    }

    @Test
    void readsNoPageBeyondItsToken() {
        KvPages cache = cache(KvType.F32, 1, 4, 16);
        MemorySegment table = cache.pageTable();
        table.set(ValueLayout.JAVA_INT, 4, -7); // second page of sequence 0
        MemorySegment q = samples.floats(4, 1);
        StepTokens within = new StepTokens(Values.i32(arena, 7), Values.i32(arena, 0), 1);
        kernels.attention().attend(q, 1, within, cache, out(4));
        StepTokens beyond = new StepTokens(Values.i32(arena, 8), Values.i32(arena, 0), 1);
        assertRefused(() -> kernels.attention().attend(q, 1, beyond, cache, out(4)), "page");
    }

    @Test
    void takesNoTokens() {
        KvPages cache = cache(KvType.F32, 1, 4, 8);
        kernels.attention().attend(MemorySegment.NULL, 1, SampleCache.run(arena, 0, 0), cache, out(0));
    }

    @Test
    void refusesHeadsThatDoNotShareEvenly() {
        KvPages cache = cache(KvType.F32, 2, 4, 8);
        MemorySegment q = samples.floats(12, 1);
        assertRefused(() -> kernels.attention().attend(q, 3, SampleCache.run(arena, 0, 1), cache, out(12)), "heads");
    }

    @Test
    void foreseeingChangesNoResult() {
        KvPages cache = cache(KvType.F16, 2, 4, 40);
        StepTokens tokens = tokens(40);
        MemorySegment q = samples.floats(tokens.count() * 16L, 1);
        MemorySegment without = out(tokens.count() * 16L);
        MemorySegment with = out(tokens.count() * 16L);
        kernels.attention().attend(q, 4, tokens, cache, without);
        kernels.attention().foresee(tokens, cache);
        kernels.attention().attend(q, 4, tokens, cache, with);
        assertThat(with.mismatch(without)).isEqualTo(-1);
    }
}
