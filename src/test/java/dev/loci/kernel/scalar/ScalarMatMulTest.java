package dev.loci.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.loci.kernel.Activations;
import dev.loci.kernel.Matrix;
import dev.loci.kernel.Values;
import dev.loci.kernel.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class ScalarMatMulTest extends ScalarTestCase {
    private final ScalarMatMul matMul = new ScalarMatMul();

    @Test
    void multipliesByRows() {
        // rows (1, 2, 3) and (-1, 0, 4); tokens (1, 10, 100) and (2, 0, -1)
        Matrix weights = f32(2, 3, 1, 2, 3, -1, 0, 4);
        MemorySegment x = Values.f32(arena, 1, 10, 100, 2, 0, -1);
        MemorySegment out = Values.f32(arena, 9, 9, 9, 9);
        matMul.multiply(x, 2, weights, Activations.F32, out, false);
        assertThat(Values.f32s(out)).containsExactly(321, 399, -1, -6);
    }

    @Test
    void addsWhereAsked() {
        MemorySegment out = Values.f32(arena, 0.5f);
        matMul.multiply(Values.f32(arena, 3), 1, f32(1, 1, 2), Activations.F32, out, true);
        assertThat(Values.f32s(out)).containsExactly(6.5f);
    }

    @Test
    void readsBf16() {
        // 0x3FC0 is 1.5, 0xC000 is -2
        MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_SHORT, (short) 0x3FC0, (short) 0xC000);
        Matrix weights = new Matrix(WeightType.BF16, data, MemorySegment.NULL, 1, 2);
        MemorySegment out = arena.allocate(4, 4);
        matMul.multiply(Values.f32(arena, 2, 1), 1, weights, Activations.F32, out, false);
        assertThat(Values.f32s(out)).containsExactly(1);
    }

    @Test
    void scalesInt8ByRow() {
        MemorySegment out = arena.allocate(8, 4);
        matMul.multiply(Values.f32(arena, 1, 2), 1, int8(), Activations.F32, out, false);
        assertThat(Values.f32s(out)).containsExactly(-3.5f, 4); // 0.5 * (-127 + 120), 2 * (0 + 2)
    }

    @Test
    void quantisesActivationsWithTiesToEven() {
        // max 127: the scale is 1, so 2.5 becomes 2 and -127 stays
        MemorySegment out = arena.allocate(8, 4);
        matMul.multiply(Values.f32(arena, 2.5f, -127), 1, int8(), Activations.INT8, out, false);
        assertThat(Values.f32s(out)).containsExactly(-3937, -254); // 0.5 * (-254 - 7620), 2 * (0 - 127)
    }

    @Test
    void quantisesZerosToZeros() {
        MemorySegment out = Values.f32(arena, 9, 9);
        matMul.multiply(Values.f32(arena, 0, 0), 1, int8(), Activations.INT8, out, false);
        assertThat(Values.f32s(out)).containsExactly(0, 0);
    }

    @Test
    void refusesAnOutputThatIsTooSmall() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> matMul.multiply(
                        Values.f32(arena, 1), 1, f32(2, 1, 1, 1), Activations.F32, arena.allocate(7), false))
                .withMessage("scalar matMul, out: expected at least 8 bytes, found 7 bytes");
    }

    @Test
    void refusesInt8ActivationsForOtherWeights() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> matMul.multiply(
                        Values.f32(arena, 1), 1, f32(1, 1, 1), Activations.INT8, arena.allocate(4), false))
                .withMessage("scalar matMul, activations: expected F32 for weights in F32, found INT8");
    }

    @Test
    void refusesTheHeap() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> matMul.multiply(
                        MemorySegment.ofArray(new float[1]),
                        1,
                        f32(1, 1, 1),
                        Activations.F32,
                        arena.allocate(4),
                        false))
                .withMessage("scalar matMul, x: expected a native segment, found one on the heap");
    }

    private Matrix f32(int rows, int columns, float... values) {
        return new Matrix(WeightType.F32, Values.f32(arena, values), MemorySegment.NULL, rows, columns);
    }

    /// Rows 0.5 * (-127, 60) and 2 * (0, 1).
    private Matrix int8() {
        MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) -127, (byte) 60, (byte) 0, (byte) 1);
        return new Matrix(WeightType.INT8, data, Values.f32(arena, 0.5f, 2), 2, 2);
    }
}
