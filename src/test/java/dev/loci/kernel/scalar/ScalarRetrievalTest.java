package dev.loci.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.loci.kernel.Hits;
import dev.loci.kernel.RetrievalKeys;
import dev.loci.kernel.Values;
import dev.loci.kernel.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/// One head, three keys an axis, one dimension: with a query of 1, scores are the keys.
final class ScalarRetrievalTest extends ScalarTestCase {
    private static final int TOP = 2;

    @Test
    void ranksTheGridOfTheBestKeys() {
        // rows 5 (1), 3 (2); columns 4 (0), 2 (2); grid 20, 10, 12, 6: cells (1,0), (2,0)
        Hits hits = retrieve(keys(1, 1, new float[] {1, 5, 3, 4, 1, 2}, 0, 1, 2, 3, 4, 5, 6, 7, 8));
        assertThat(Values.i32s(hits.rows())).containsExactly(3, 1); // ids 3 and 6, of 5 rows
        assertThat(Values.i32s(hits.groups())).containsExactly(0, 1);
        assertThat(Values.f32s(hits.weights())).containsExactly(20, 12);
    }

    @Test
    void goesThroughTheShuffle() {
        Hits hits = retrieve(keys(1, 1, new float[] {1, 5, 3, 4, 1, 2}, 8, 7, 6, 5, 4, 3, 2, 1, 0));
        assertThat(Values.i32s(hits.rows())).containsExactly(0, 2); // ids 5 and 2
        assertThat(Values.i32s(hits.groups())).containsExactly(1, 0);
    }

    @Test
    void takesTheLowerIndexAmongEqualKeys() {
        // all rows are 2: 0, 1 stay; columns 1 (0), 1 (1), 7 (2): 2, then 0
        Hits hits = retrieve(keys(1, 1, new float[] {2, 2, 2, 1, 1, 7}, 0, 1, 2, 3, 4, 5, 6, 7, 8));
        assertThat(slots(hits)).containsExactly(2, 5); // (0, 2) and (1, 2), both 14: the lower i first
        assertThat(Values.f32s(hits.weights())).containsExactly(14, 14);
    }

    @Test
    void ordersEqualCellsByIndexWhateverThePreFilterDelivered() {
        // by u = -1 row 1 comes before row 0; columns of 0 make every cell 0: (0, 0), then (0, 1)
        Hits hits = retrieve(keys(-1, 1, new float[] {-2, -3, 1, 0, 0, 0}, 0, 1, 2, 3, 4, 5, 6, 7, 8));
        assertThat(slots(hits)).containsExactly(0, 1);
    }

    @Test
    void weighsByEachCoreAndRanksByTheirSum() {
        // rank 2, one key an axis: S0 = (1, 2), S1 = (3, 5)
        RetrievalKeys keys = new RetrievalKeys(
                Values.f32(arena, 1, 2, 3, 5),
                Values.f32(arena, 1, 1),
                Values.f32(arena, 1, 1),
                Values.f32(arena, 1, 0, 0, 1, 0, 1, 0, 0),
                Values.i32(arena, 0),
                1,
                1,
                1,
                2,
                2,
                1,
                1,
                1);
        Hits hits = new Hits(arena.allocate(4, 4), arena.allocate(4, 4), arena.allocate(8, 4), 1, 2);
        new ScalarRetrieval().retrieve(Values.f32(arena, 1, 1), 1, keys, hits);
        assertThat(Values.f32s(hits.weights())).containsExactly(13, 5); // 1 * 3 + 2 * 5, 1 * 5
    }

    @Test
    void countsANaNAsTheLowest() {
        Hits hits = retrieve(keys(1, 1, new float[] {Float.NaN, -5, -3, 1, 1, 1}, 0, 1, 2, 3, 4, 5, 6, 7, 8));
        assertThat(slots(hits)).containsExactly(6, 7);
    }

    @Test
    void multipliesKeysInBf16WithRoundedQueries() {
        long panel = 64 * 16 * 4;
        MemorySegment panels = arena.allocate(2 * panel, 64);
        float[] values = {1, 5, 3, 4, 1, 2};
        for (int k = 0; k < values.length; k++) {
            short bits = (short) (Float.floatToRawIntBits(values[k]) >>> 16);
            panels.set(ValueLayout.JAVA_SHORT, k / 3 * panel + k % 3 * 4L, bits);
        }
        RetrievalKeys floats = keys(1, 1, values, 0, 1, 2, 3, 4, 5, 6, 7, 8);
        RetrievalKeys keys = new RetrievalKeys(
                panels,
                WeightType.BF16,
                floats.u(),
                floats.v(),
                floats.cores(),
                floats.shuffle(),
                1,
                3,
                1,
                1,
                1,
                TOP,
                2,
                5);
        Hits hits = new Hits(arena.allocate(8, 4), arena.allocate(8, 4), arena.allocate(8, 4), TOP, 1);
        // ties go to the even one: 1 + 2^-8 to 1, 1 + 3 * 2^-8 to 1 + 2^-6
        MemorySegment query = Values.f32(arena, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f);
        new ScalarRetrieval().retrieve(query, 1, keys, hits);
        assertThat(slots(hits)).containsExactly(3, 6);
        assertThat(Values.f32s(hits.weights())).containsExactly(20 * (1 + 0x1p-6f), 12 * (1 + 0x1p-6f));
    }

    @Test
    void refusesAnIdOutsideTheTable() {
        RetrievalKeys keys = keys(1, 1, new float[] {1, 5, 3, 4, 1, 2}, 0, 1, 2, 10, 4, 5, 6, 7, 8);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> retrieve(keys))
                .withMessage("scalar retrieval, shuffle[3]: expected 0 to 9, found 10");
    }

    /// @param keys three of the row axis, three of the column axis
    private RetrievalKeys keys(float u, float v, float[] keys, int... shuffle) {
        return new RetrievalKeys(
                Values.f32(arena, keys),
                Values.f32(arena, u),
                Values.f32(arena, v),
                Values.f32(arena, 1),
                Values.i32(arena, shuffle),
                1,
                3,
                1,
                1,
                1,
                TOP,
                2,
                5);
    }

    private Hits retrieve(RetrievalKeys keys) {
        Hits hits = new Hits(arena.allocate(8, 4), arena.allocate(8, 4), arena.allocate(8, 4), TOP, 1);
        MemorySegment query = Values.f32(arena, 1, 1);
        new ScalarRetrieval().retrieve(query, 1, keys, hits);
        return hits;
    }

    /// Of an identical shuffle and tables of five rows.
    private static int[] slots(Hits hits) {
        int[] slots = Values.i32s(hits.rows());
        for (int k = 0; k < slots.length; k++) {
            slots[k] += 5 * Values.i32(hits.groups(), k);
        }
        return slots;
    }
}
