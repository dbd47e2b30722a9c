package dev.loci.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.kernel.Norm;
import dev.loci.kernel.Values;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

final class ScalarNormTest extends ScalarTestCase {
    @Test
    void dividesByTheRootOfTheMeanSquare() {
        // mean square of (1, 7) is 25, of (-3, 4) 12.5; eps lifts the latter to 16
        assertThat(normalized(new Norm(Norm.Kind.RMS, MemorySegment.NULL, 2, 0), 1, 7))
                .containsExactly(0.2f, 1.4f);
        assertThat(normalized(new Norm(Norm.Kind.RMS, Values.f32(arena, 2, -1), 2, 3.5f), -3, 4))
                .containsExactly(-1.5f, -1);
    }

    @Test
    void layerNormCentresAndUsesTheBiasedVariance() {
        // mean of (1, 2, 3, 6) is 3, the squares of (-2, -1, 0, 3) sum to 14: variance 3.5, with eps 4
        Norm norm = new Norm(Norm.Kind.LAYER, MemorySegment.NULL, 4, 0.5f);
        assertThat(normalized(norm, 1, 2, 3, 6)).containsExactly(-1, -0.5f, 0, 1.5f);
        Norm weighted = new Norm(Norm.Kind.LAYER, Values.f32(arena, 1, 2, 3, 4), 4, 0.5f);
        assertThat(normalized(weighted, 1, 2, 3, 6)).containsExactly(-1, -1, 0, 6);
    }

    @Test
    void normalisesEachRowInPlace() {
        MemorySegment x = Values.f32(arena, 3, -5);
        new ScalarNorm().normalize(x, 2, new Norm(Norm.Kind.RMS, MemorySegment.NULL, 1, 0), x);
        assertThat(Values.f32s(x)).containsExactly(1, -1);
    }

    private float[] normalized(Norm norm, float... row) {
        MemorySegment out = arena.allocate(4L * row.length, 4);
        new ScalarNorm().normalize(Values.f32(arena, row), 1, norm, out);
        return Values.f32s(out);
    }
}
