package dev.loci.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.loci.kernel.KvPages;
import dev.loci.kernel.KvType;
import dev.loci.kernel.StepTokens;
import dev.loci.kernel.Values;
import java.lang.foreign.MemorySegment;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class ScalarAttentionTest extends ScalarTestCase {
    /// Scores are 0 and ln 3 / sqrt 2 * sqrt 2: weights 1/4 and 3/4.
    @Test
    void weighsValuesBySoftmaxOfScaledScores() {
        float key = (float) (Math.log(3) * Math.sqrt(2));
        KvPages cache = cache(Values.f32(arena, 0, 0, key, 0), Values.f32(arena, 4, 8, 0, 16), 1, 2);
        float[] out = attend(cache, 1, 1, 1, 7);
        assertThat(out[0]).isCloseTo(1, Offset.offset(1e-6f));
        assertThat(out[1]).isCloseTo(14, Offset.offset(1e-5f));
    }

    @Test
    void seesNoLaterPosition() {
        KvPages cache = cache(Values.f32(arena, 0, 0, 9, 9), Values.f32(arena, 4, 8, 1, 1), 1, 2);
        assertThat(attend(cache, 1, 0, 5, 5)).containsExactly(4, 8);
    }

    @Test
    void sharesKeyHeadsAmongNeighbours() {
        // heads 0, 1 read key head 0, heads 2, 3 key head 1
        KvPages cache = cache(Values.f32(arena, 0, 0, 0, 0), Values.f32(arena, 1, 2, 3, 4), 2, 1);
        assertThat(attend(cache, 4, 0, 1, 1, 1, 1, 1, 1, 1, 1)).containsExactly(1, 2, 1, 2, 3, 4, 3, 4);
    }

    @Test
    void keepsLargeScoresFinite() {
        KvPages cache = cache(Values.f32(arena, 0, 0, 1000, 0), Values.f32(arena, 4, 8, 1, 2), 1, 2);
        assertThat(attend(cache, 1, 1, 1000, 0)).containsExactly(1, 2);
    }

    @Test
    void refusesAPageThatIsNotThere() {
        KvPages cache = cache(Values.f32(arena, 0, 0), Values.f32(arena, 0, 0), 1, 1);
        cache.pageTable().fill((byte) 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> attend(cache, 1, 0, 1, 1))
                .withMessage("scalar attention, page 0 of sequence 0: expected 0 to 0, found 16843009");
    }

    private float[] attend(KvPages cache, int heads, int position, float... q) {
        MemorySegment out = arena.allocate(4L * q.length, 4);
        StepTokens tokens = new StepTokens(Values.i32(arena, position), Values.i32(arena, 0), 1);
        new ScalarAttention().attend(Values.f32(arena, q), heads, tokens, cache, out);
        return Values.f32s(out);
    }

    /// One page with all positions of one sequence.
    private KvPages cache(MemorySegment keys, MemorySegment values, int kvHeads, int positions) {
        return new KvPages(KvType.F32, keys, values, 1, positions, kvHeads, 2, Values.i32(arena, 0), 1, 1);
    }
}
