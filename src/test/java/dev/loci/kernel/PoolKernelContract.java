package dev.loci.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

public abstract class PoolKernelContract extends KernelContract {
    private static final int GROUPS = 3;

    @Test
    void staysWithinTheErrorBound() {
        for (RowType type : RowType.values()) {
            for (int dim : new int[] {2, 6, 8, 14, 16, 18, 30, 32, 34, 62, 64, 66, 130}) {
                for (int hitCount : new int[] {0, 1, 5, 40}) {
                    assertWithinBound(type, dim, hitCount, 1);
                    assertWithinBound(type, dim, hitCount, 2);
                }
            }
            assertWithinBound(type, 24, 9, 8);
            if (type != RowType.INT4) {
                assertWithinBound(type, 1, 5, 1);
                assertWithinBound(type, 17, 5, 1);
                assertWithinBound(type, 9, 5, 3);
            }
        }
    }

    private void assertWithinBound(RowType type, int dim, int hitCount, int cores) {
        int tokens = 3;
        SampleTable table = SampleTable.of(arena, samples, type, 23, dim);
        Hits hits = hits(tokens, hitCount, cores, 23);
        MemorySegment actual = out((long) tokens * GROUPS * dim);
        MemorySegment expected = out((long) tokens * GROUPS * dim);
        long unique = kernels.pool().pool(table.table(), hits, tokens, GROUPS, actual);
        long expectedUnique = reference.pool().pool(table.table(), hits, tokens, GROUPS, expected);
        assertThat(unique).as(hitCount + " hits").isEqualTo(expectedUnique);
        assertWithin(
                actual,
                expected,
                i -> (hitCount + 2)
                        * STEP
                        * magnitude(table, hits, i / dim / GROUPS, i / dim % GROUPS, (int) (i % dim)),
                type + " of " + dim + " columns, " + hitCount + " hits, " + cores + " cores");
    }

    /// Sum of |weight * value|.
    private static double magnitude(SampleTable table, Hits hits, long token, long group, int column) {
        double sum = 0;
        int core = column / (table.table().dim() / hits.coreCount());
        for (long k = token * hits.hits(); k < (token + 1) * hits.hits(); k++) {
            if (Values.i32(hits.groups(), k) == group) {
                double value = table.values()[Values.i32(hits.rows(), k)][column];
                sum += Math.abs(Values.f32(hits.weights(), k * hits.coreCount() + core) * value);
            }
        }
        return sum;
    }

    private Hits hits(int tokens, int count, int cores, int rows) {
        long all = (long) tokens * count;
        return new Hits(
                samples.ints(all, rows), samples.ints(all, GROUPS), samples.floats(all * cores, 1), count, cores);
    }

    @Test
    void aTokenHasTheSameBitsInEveryBatchAndOnEveryNumberOfThreads() {
        int most = 33;
        int dim = 514;
        int count = 40;
        for (RowType type : RowType.values()) {
            TableRows table = SampleTable.of(arena, samples, type, 50, dim).table();
            Hits hits = hits(most, count, 2, 50);
            long outBytes = 4L * GROUPS * dim;
            MemorySegment alone = out((long) most * GROUPS * dim);
            for (int t = 0; t < most; t++) {
                kernels.pool().pool(table, slice(hits, t), 1, GROUPS, Values.rows(alone, t, 1, outBytes));
            }
            for (int threads = 1; threads <= 3; threads++) {
                try (Kernels more = open(threads)) {
                    for (int tokens : new int[] {2, 3, 17, most}) {
                        MemorySegment batch = out((long) tokens * GROUPS * dim);
                        more.pool().pool(table, hits, tokens, GROUPS, batch);
                        assertSameBits(
                                batch,
                                Values.rows(alone, 0, tokens, outBytes),
                                type + ", " + tokens + " tokens on " + threads + " threads");
                    }
                }
            }
        }
    }

    private static Hits slice(Hits hits, int token) {
        return new Hits(
                Values.rows(hits.rows(), token, 1, 4L * hits.hits()),
                Values.rows(hits.groups(), token, 1, 4L * hits.hits()),
                Values.rows(hits.weights(), token, 1, 4L * hits.hits() * hits.coreCount()),
                hits.hits(),
                hits.coreCount());
    }

    @Test
    void takesEqualTablesInDifferentPlaces() {
        Hits hits = new Hits(Values.i32(arena, 0), Values.i32(arena, 0), Values.f32(arena, 1), 1, 1);
        for (float value : new float[] {1, 2, 3}) {
            MemorySegment data = Values.f32(arena, value);
            TableRows table = new TableRows(RowType.F32, List.of(new TableRows.Part(data, 0, 1)), 1, 1, 4);
            MemorySegment out = out(1);
            kernels.pool().pool(table, hits, 1, 1, out);
            assertThat(Values.f32s(out)).containsExactly(value);
        }
    }

    @Test
    void refusesRowsAndGroupsOutsideTheirRanges() {
        TableRows table = SampleTable.of(arena, samples, RowType.F32, 3, 4).table();
        MemorySegment weights = Values.f32(arena, 1, 1);
        MemorySegment out = out(8);
        MemorySegment good = Values.i32(arena, 0, 1);
        for (int bad : new int[] {-1, 3}) {
            Hits rows = new Hits(Values.i32(arena, 0, bad), good, weights, 2, 1);
            assertRefused(() -> kernels.pool().pool(table, rows, 1, 2, out), "row " + bad);
            Hits groups = new Hits(good, Values.i32(arena, 0, bad), weights, 2, 1);
            assertRefused(() -> kernels.pool().pool(table, groups, 1, 2, out), "group " + bad);
        }
        Hits uneven = new Hits(good, good, Values.f32(arena, 1, 1, 1, 1, 1, 1), 2, 3);
        assertRefused(() -> kernels.pool().pool(table, uneven, 1, 2, out), "3 cores for 4 columns");
        assertThat(Values.f32s(out)).containsOnly(Float.NaN);
    }
}
