package dev.loci.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.function.LongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

public abstract class RetrievalKernelContract extends KernelContract {
    private static final SampleRetrieval[] SHAPES = {
        new SampleRetrieval(1, 1, 1, 1, 1, 1),
        new SampleRetrieval(1, 3, 2, 1, 2, 3),
        new SampleRetrieval(2, 7, 5, 2, 1, 3),
        new SampleRetrieval(2, 17, 16, 2, 2, 16),
        new SampleRetrieval(3, 33, 17, 3, 2, 5),
        new SampleRetrieval(1, 65, 40, 8, 8, 8),
        new SampleRetrieval(2, 130, 33, 2, 2, 33),
    };

    /// Sums of small whole numbers are exact in f32, and often equal: choice, order and weights must be the
    /// reference's.
    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void choosesAsTheReferenceAmongManyEqualScores(WeightType type) {
        for (SampleRetrieval shape : SHAPES) {
            for (int tokens : new int[] {0, 1, 2, 5}) {
                RetrievalKeys keys = keys(type, shape, count -> samples.wholeFloats(count, 1));
                MemorySegment queries = samples.wholeFloats(2L * tokens * shape.keyDim(), 1);
                Hits expected = shape.hits(arena, tokens);
                reference.retrieval().retrieve(queries, tokens, keys, expected);
                assertSameHits(retrieve(kernels, shape, keys, queries, tokens), expected, shape + ", " + tokens);
            }
        }
    }

    private RetrievalKeys keys(WeightType type, SampleRetrieval shape, LongFunction<MemorySegment> numbers) {
        RetrievalKeys keys = shape.keys(samples, numbers);
        return type == WeightType.F32 ? keys : SampleRetrieval.rounded(arena, reference, keys);
    }

    private Hits retrieve(
            Kernels backend, SampleRetrieval shape, RetrievalKeys keys, MemorySegment queries, int tokens) {
        long count = (long) tokens * keys.hits();
        Hits hits = new Hits(
                outBytes(4 * count),
                outBytes(4 * count),
                out(count * keys.coreCount()),
                keys.hits(),
                shape.coreCount());
        backend.retrieval().retrieve(queries, tokens, keys, hits);
        return hits;
    }

    private void assertSameHits(Hits actual, Hits expected, String what) {
        assertThat(Values.i32s(actual.rows()))
                .as("rows, " + what + ", " + samples.seed())
                .isEqualTo(Values.i32s(expected.rows()));
        assertThat(Values.i32s(actual.groups())).as("groups, " + what).isEqualTo(Values.i32s(expected.groups()));
        // 0 and -0 are equal
        assertWithin(actual.weights(), expected.weights(), i -> 0, "weights, " + what);
    }

    /// Scores err by keyDim steps of their terms, weights by twice that and rank^2 steps more.
    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void weighsWithinTheErrorBound(WeightType type) {
        int compared = 0;
        for (SampleRetrieval shape : SHAPES) {
            RetrievalKeys keys = keys(type, shape, count -> samples.floats(count, 1));
            for (int attempt = 0; attempt < 8; attempt++) {
                MemorySegment queries = samples.floats(2L * shape.keyDim(), 1);
                if (isClear(shape, keys, queries)) {
                    compared++;
                    Hits expected = shape.hits(arena, 1);
                    reference.retrieval().retrieve(queries, 1, keys, expected);
                    Hits actual = retrieve(kernels, shape, keys, queries, 1);
                    assertThat(Values.i32s(actual.rows()))
                            .as("rows, " + shape + ", " + samples.seed())
                            .isEqualTo(Values.i32s(expected.rows()));
                    double score = shape.keyDim();
                    double cells = shape.rank() * shape.rank();
                    double bound = (2 * shape.keyDim() + cells + 8) * STEP * score * score * cells;
                    assertWithin(actual.weights(), expected.weights(), i -> bound, "weights, " + shape);
                }
            }
        }
        assertThat(compared).as("queries without a near tie").isGreaterThan(SHAPES.length);
    }

    /// Whether nothing is so near to a tie that rounding could decide: a slightly different query chooses the same.
    private boolean isClear(SampleRetrieval shape, RetrievalKeys keys, MemorySegment queries) {
        Hits exact = shape.hits(arena, 1);
        reference.retrieval().retrieve(queries, 1, keys, exact);
        for (int trial = 0; trial < 6; trial++) {
            MemorySegment near = copy(queries);
            for (int i = 0; i < 2 * shape.keyDim(); i++) {
                float nudge = (samples.random().nextFloat() - 0.5f) * 1e-3f;
                near.setAtIndex(ValueLayout.JAVA_FLOAT, i, Values.f32(queries, i) + nudge);
            }
            Hits hits = shape.hits(arena, 1);
            reference.retrieval().retrieve(near, 1, keys, hits);
            if (!Arrays.equals(Values.i32s(hits.rows()), Values.i32s(exact.rows()))) {
                return false;
            }
        }
        return true;
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void aTokenHasTheSameBitsInEveryBatchAndOnEveryNumberOfThreads(WeightType type) {
        SampleRetrieval shape = new SampleRetrieval(2, 65, 33, 2, 2, 9);
        int most = 33;
        RetrievalKeys keys = keys(type, shape, count -> samples.floats(count, 1));
        MemorySegment queries = samples.floats(2L * most * shape.keyDim(), 1);
        for (int threads = 1; threads <= 3; threads++) {
            try (Kernels more = open(threads)) {
                for (int tokens = 2; tokens <= most; tokens++) {
                    Hits batch = retrieve(more, shape, keys, queries, tokens);
                    int t = tokens - 1;
                    MemorySegment query = Values.rows(queries, t, 1, 8L * shape.keyDim());
                    Hits alone = retrieve(kernels, shape, keys, query, 1);
                    String what = tokens + " tokens on " + threads + " threads";
                    long hitBytes = 4L * keys.hits();
                    assertSameBits(Values.rows(batch.rows(), t, 1, hitBytes), alone.rows(), what);
                    assertSameBits(Values.rows(batch.groups(), t, 1, hitBytes), alone.groups(), what);
                    assertSameBits(
                            Values.rows(batch.weights(), t, 1, hitBytes * shape.coreCount()), alone.weights(), what);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void countsANaNScoreAsTheLowest(WeightType type) {
        SampleRetrieval shape = new SampleRetrieval(1, 5, 1, 1, 1, 2);
        RetrievalKeys floats =
                shape.keys(samples, count -> samples.wholeFloats(count, 0).fill((byte) 0));
        for (long i = 0; i < 10; i++) {
            floats.keys().setAtIndex(ValueLayout.JAVA_FLOAT, i, i % 5 == 1 ? Float.NaN : -1 - i % 5);
        }
        RetrievalKeys keys = type == WeightType.F32 ? floats : SampleRetrieval.rounded(arena, reference, floats);
        keys.u().set(ValueLayout.JAVA_FLOAT, 0, 1);
        keys.v().set(ValueLayout.JAVA_FLOAT, 0, 1);
        keys.cores().set(ValueLayout.JAVA_FLOAT, 0, -1);
        MemorySegment queries = Values.f32(arena, 1, 1);
        Hits hits = retrieve(kernels, shape, keys, queries, 1);
        Hits expected = shape.hits(arena, 1);
        reference.retrieval().retrieve(queries, 1, keys, expected);
        assertSameHits(hits, expected, "with NaN");
        assertThat(Values.f32s(hits.weights())).containsExactly(-1, -3);
    }

    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16"})
    void refusesBadArguments(WeightType type) {
        SampleRetrieval shape = new SampleRetrieval(1, 4, 2, 1, 1, 2);
        RetrievalKeys keys = keys(type, shape, count -> samples.floats(count, 1));
        MemorySegment queries = samples.floats(4, 1);
        assertRefused(() -> kernels.retrieval().retrieve(queries, 2, keys, shape.hits(arena, 2)), "queries");
        Hits other = new SampleRetrieval(1, 4, 2, 1, 1, 3).hits(arena, 1);
        assertRefused(() -> kernels.retrieval().retrieve(queries, 1, keys, other), "hits of another layer");
        Hits few = new Hits(arena.allocate(4), arena.allocate(8), arena.allocate(8), 2, 1);
        assertRefused(() -> kernels.retrieval().retrieve(queries, 1, keys, few), "rows");
        MemorySegment tooFewBytes = keys.keys().asSlice(0, keys.keys().byteSize() - 1);
        RetrievalKeys cut = SampleRetrieval.with(keys, tooFewBytes, type);
        assertRefused(() -> kernels.retrieval().retrieve(queries, 1, cut, shape.hits(arena, 1)), "keys");
        keys.shuffle().fill((byte) 0x7F);
        assertRefused(() -> kernels.retrieval().retrieve(queries, 1, keys, shape.hits(arena, 1)), "shuffle");
    }
}
