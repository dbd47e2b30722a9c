package dev.loci.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.loci.kernel.Matrix;
import dev.loci.kernel.Values;
import dev.loci.kernel.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class ScalarEmbedTest extends ScalarTestCase {
    @Test
    void copiesRows() {
        Matrix table = new Matrix(WeightType.F32, Values.f32(arena, 1, 2, 3, 4, 5, 6), MemorySegment.NULL, 3, 2);
        MemorySegment out = arena.allocate(24, 4);
        new ScalarEmbed().embed(table, Values.i32(arena, 2, 0, 2), 3, out);
        assertThat(Values.f32s(out)).containsExactly(5, 6, 1, 2, 5, 6);
    }

    @Test
    void scalesInt8() {
        MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 1, (byte) -127);
        Matrix table = new Matrix(WeightType.INT8, data, Values.f32(arena, 9, 0.25f), 2, 1);
        MemorySegment out = arena.allocate(4, 4);
        new ScalarEmbed().embed(table, Values.i32(arena, 1), 1, out);
        assertThat(Values.f32s(out)).containsExactly(-31.75f);
    }

    @Test
    void refusesAnIdOutsideTheTable() {
        Matrix table = new Matrix(WeightType.F32, Values.f32(arena, 1, 2), MemorySegment.NULL, 2, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ScalarEmbed().embed(table, Values.i32(arena, 0, 2), 2, arena.allocate(8)))
                .withMessage("scalar embed, id of token 1: expected 0 to 1, found 2");
    }
}
