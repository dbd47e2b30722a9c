package dev.loci.kernel;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

public abstract class QkvKernelContract extends KernelContract {
    private static final float EPS = 1e-5f;
    private static final int POSITIONS = 24;

    @Test
    void staysWithinTheErrorBound() {
        for (int headDim : new int[] {2, 6, 8, 14, 16, 18, 32, 40, 66}) {
            for (int[] heads : new int[][] {{1, 1}, {4, 2}, {3, 3}}) {
                for (QkvShape shape : shapes(heads[0], headDim)) {
                    for (int count : new int[] {0, 1, 5}) {
                        assertAgrees(cache(KvType.F32, heads[1], headDim), shape, count);
                    }
                }
            }
        }
    }

    private QkvShape[] shapes(int heads, int headDim) {
        MemorySegment cosSin = SampleCache.cosSin(arena, POSITIONS, headDim);
        Norm none = new Norm(Norm.Kind.LAYER, MemorySegment.NULL, headDim, EPS);
        Norm rms = new Norm(Norm.Kind.RMS, samples.floats(headDim, 1), headDim, EPS);
        Norm layer = new Norm(Norm.Kind.LAYER, samples.floats(headDim, 1), headDim, EPS);
        float infinity = Float.POSITIVE_INFINITY;
        return new QkvShape[] {
            new QkvShape(heads, infinity, false, rms, rms, cosSin, POSITIONS),
            new QkvShape(heads, 0.5f, false, none, none, cosSin, POSITIONS),
            new QkvShape(heads, 0.75f, true, rms, rms, cosSin, POSITIONS),
            new QkvShape(heads, infinity, true, layer, none, cosSin, POSITIONS),
        };
    }

    private void assertAgrees(KvPages cache, QkvShape shape, int count) {
        int headDim = cache.headDim();
        MemorySegment qkv = samples.floats((long) count * (shape.heads() + 2 * cache.kvHeads()) * headDim, 1);
        StepTokens tokens = tokens(count);
        KvPages actual = SampleCache.with(cache, copy(cache.keys()), copy(cache.values()));
        KvPages expected = SampleCache.with(cache, copy(cache.keys()), copy(cache.values()));
        MemorySegment actualQ = out((long) count * shape.heads() * headDim);
        MemorySegment expectedQ = out((long) count * shape.heads() * headDim);
        reference.qkv().prepare(copy(qkv), shape, tokens, expected, expectedQ);
        kernels.qkv().prepare(copy(qkv), shape, tokens, actual, actualQ);
        double bound = bound(qkv, shape, headDim);
        String what = headDim + " columns, " + shape.heads() + " heads, " + count + " tokens";
        assertWithin(actualQ, expectedQ, i -> bound, "q of " + what);
        assertWithin(actual.keys(), expected.keys(), i -> bound, "keys of " + what);
        assertSameBits(actual.values(), expected.values(), "values of " + what);
    }

    /// A norm errs by headDim steps in units of the largest element before it, times the factor that it applies; taken
    /// over
    /// all heads.
    private static double bound(MemorySegment qkv, QkvShape shape, int headDim) {
        double factor = 1;
        for (long head = 0; shape.normHeads() && head < qkv.byteSize() / 4 / headDim; head++) {
            double mean = 0;
            double squares = 0;
            for (int d = 0; d < headDim; d++) {
                double x = Math.clamp(Values.f32(qkv, head * headDim + d), -shape.clip(), shape.clip());
                mean += x / headDim;
                squares += x * x / headDim;
            }
            double variance = shape.qNorm().kind() == Norm.Kind.LAYER ? squares - mean * mean : squares;
            factor = Math.max(factor, 1 / Math.sqrt(Math.max(variance, 0) + EPS));
        }
        return 2 * (headDim + 16) * STEP * factor;
    }

    /// Counts from the end of sequence 1's pages backwards, and sequence 0 for the last.
    private StepTokens tokens(int count) {
        int[] positions = new int[count];
        int[] sequences = new int[count];
        for (int t = 0; t < count; t++) {
            positions[t] = t == count - 1 ? 3 : POSITIONS - count + t;
            sequences[t] = t == count - 1 ? 0 : 1;
        }
        return new StepTokens(Values.i32(arena, positions), Values.i32(arena, sequences), count);
    }

    private KvPages cache(KvType type, int kvHeads, int headDim) {
        return SampleCache.of(arena, samples, type, kvHeads, headDim, 2, 6, 4);
    }

    @Test
    void roundsIntoTheCacheAsTheReferenceDoes() {
        for (KvType type : KvType.values()) {
            for (int headDim : new int[] {2, 6, 8, 16, 18, 34, 64}) {
                for (float spread : new float[] {1e-6f, 1, 1000, 100_000}) {
                    KvPages cache = cache(type, 2, headDim);
                    KvPages actual = SampleCache.with(cache, copy(cache.keys()), copy(cache.values()));
                    KvPages expected = SampleCache.with(cache, copy(cache.keys()), copy(cache.values()));
                    MemorySegment qkv = samples.floats(6L * headDim, spread);
                    StepTokens first = SampleCache.run(arena, 1, 1); // at position 0 nothing rotates
                    QkvShape shape = SampleCache.plain(arena, 2, headDim, 1);
                    reference.qkv().prepare(copy(qkv), shape, first, expected, out(2L * headDim));
                    kernels.qkv().prepare(copy(qkv), shape, first, actual, out(2L * headDim));
                    assertSameBits(actual.keys(), expected.keys(), type + " keys of " + headDim + " up to " + spread);
                    assertSameBits(actual.values(), expected.values(), type + " values of " + headDim);
                }
            }
        }
    }

    @Test
    void aTokenHasTheSameBitsInEveryBatchAndOnEveryNumberOfThreads() {
        int headDim = 66;
        int tokens = POSITIONS;
        for (KvType type : KvType.values()) {
            KvPages cache = cache(type, 2, headDim);
            QkvShape shape = shapes(4, headDim)[2];
            MemorySegment qkv = samples.floats(8L * tokens * headDim, 1);
            KvPages alone = SampleCache.with(cache, copy(cache.keys()), copy(cache.values()));
            MemorySegment aloneQ = out(4L * tokens * headDim);
            for (int t = 0; t < tokens; t++) {
                StepTokens one = new StepTokens(Values.i32(arena, t), Values.i32(arena, 1), 1);
                MemorySegment row = copy(Values.rows(qkv, t, 1, 32L * headDim));
                kernels.qkv().prepare(row, shape, one, alone, Values.rows(aloneQ, t, 1, 16L * headDim));
            }
            for (int threads = 1; threads <= 3; threads++) {
                try (Kernels more = open(threads)) {
                    KvPages batch = SampleCache.with(cache, copy(cache.keys()), copy(cache.values()));
                    MemorySegment q = out(4L * tokens * headDim);
                    more.qkv().prepare(copy(qkv), shape, SampleCache.run(arena, 1, tokens), batch, q);
                    assertSameBits(q, aloneQ, type + ", q on " + threads + " threads");
                    assertSameBits(batch.keys(), alone.keys(), type + ", keys on " + threads + " threads");
                    assertSameBits(batch.values(), alone.values(), type + ", values on " + threads + " threads");
                }
            }
        }
    }

    @Test
    void refusesWhatPointsOutsideItsBuffers() {
        KvPages cache = cache(KvType.F32, 1, 4);
        QkvShape shape = SampleCache.plain(arena, 1, 4, 8);
        MemorySegment qkv = samples.floats(12, 1);
        MemorySegment q = out(4);
        for (int[] bad : new int[][] {{8, 0}, {-1, 0}, {0, 2}, {0, -1}}) {
            StepTokens tokens = new StepTokens(Values.i32(arena, bad[0]), Values.i32(arena, bad[1]), 1);
            assertRefused(() -> kernels.qkv().prepare(qkv, shape, tokens, cache, q), bad[0] + ", " + bad[1]);
        }
        StepTokens good = SampleCache.run(arena, 0, 1);
        Norm none = shape.qNorm();
        QkvShape clipped = new QkvShape(1, 0, false, none, none, shape.cosSin(), 8);
        assertRefused(() -> kernels.qkv().prepare(qkv, clipped, good, cache, q), "clip");
        Norm other = new Norm(Norm.Kind.LAYER, MemorySegment.NULL, 4, 0);
        QkvShape mixed = new QkvShape(1, 1, true, none, other, shape.cosSin(), 8);
        assertRefused(() -> kernels.qkv().prepare(qkv, mixed, good, cache, q), "norms of two kinds");
        KvPages small = SampleCache.with(cache, cache.keys().asSlice(4), cache.values());
        assertRefused(() -> kernels.qkv().prepare(qkv, shape, good, small, q), "keys");
    }
}
