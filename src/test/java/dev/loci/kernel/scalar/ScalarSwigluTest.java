package dev.loci.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.kernel.Values;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

final class ScalarSwigluTest extends ScalarTestCase {
    @Test
    void gatesWithTheSecondHalf() {
        // silu(0) = 0; exp(-ln 3) = 1/3, so silu(ln 3) = 0.75 ln 3; silu(-ln 3) = -0.25 ln 3
        float ln3 = (float) Math.log(3);
        MemorySegment x = Values.f32(arena, 5, 4, 4, 0, ln3, -ln3);
        MemorySegment out = arena.allocate(12, 4);
        new ScalarSwiglu().activate(x, 1, 3, out);
        assertThat(Values.f32s(out)).containsExactly(0, (float) (3 * Math.log(3)), -ln3);
    }

    @Test
    void keepsFarGatesFinite() {
        MemorySegment out = arena.allocate(8, 4);
        new ScalarSwiglu().activate(Values.f32(arena, 2, 2, 1000, -1000), 1, 2, out);
        assertThat(Values.f32(out, 0)).isEqualTo(2000);
        assertThat(Values.f32(out, 1)).isZero();
    }
}
