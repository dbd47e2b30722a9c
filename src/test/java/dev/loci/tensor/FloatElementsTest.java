package dev.loci.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class FloatElementsTest {
    private static short bf16(int floatBits) {
        return FloatElements.toBf16(Float.intBitsToFloat(floatBits));
    }

    @Test
    void bf16RoundsToTheNearestTiesToEven() {
        assertThat(bf16(0x3f80_0000)).isEqualTo((short) 0x3f80);
        assertThat(bf16(0x3f80_8000)).as("tie, even below").isEqualTo((short) 0x3f80);
        assertThat(bf16(0x3f81_8000)).as("tie, even above").isEqualTo((short) 0x3f82);
        assertThat(bf16(0x3f80_8001)).isEqualTo((short) 0x3f81);
        assertThat(bf16(0xbf80_7fff)).isEqualTo((short) 0xbf80);
        assertThat(bf16(0x7f80_0001)).as("NaN stays one").isEqualTo((short) 0x7fc0);
    }

    @Test
    void readsEveryFloatTypeFromAnyOffset() {
        ByteBuffer bytes = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putDouble(0, 1.5).putDouble(8, -2).putFloat(16, 0.25f).putShort(20, (short) 0x3c00);
        bytes.putShort(22, (short) 0xc000);
        MemorySegment data = MemorySegment.ofArray(bytes.array());
        float[] out = new float[1];
        FloatElements.read(DType.F64, data, 1, out, 1);
        assertThat(out).containsExactly(-2);
        FloatElements.read(DType.F32, data, 4, out, 1);
        assertThat(out).containsExactly(0.25f);
        FloatElements.read(DType.F16, data, 10, out, 1);
        assertThat(out).containsExactly(1);
        FloatElements.read(DType.BF16, data, 11, out, 1);
        assertThat(out).containsExactly(-2);
    }

    @Test
    void writesWhatItReads() {
        float[] in = {1, -0.5f, 1024, 0};
        for (DType dtype : new DType[] {DType.F32, DType.F16, DType.BF16}) {
            MemorySegment bytes = MemorySegment.ofArray(new byte[20]);
            FloatElements.write(dtype, in, 4, bytes, 0);
            float[] out = new float[4];
            FloatElements.read(dtype, bytes, 0, out, 4);
            assertThat(out).isEqualTo(in);
        }
    }

    @Test
    void refusesTypesThatAreNoFloats() {
        MemorySegment data = MemorySegment.ofArray(new byte[8]);
        assertThatThrownBy(() -> FloatElements.read(DType.I32, data, 0, new float[1], 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("dtype: expected F32, F16 or BF16, found I32");
        assertThatThrownBy(() -> FloatElements.max(DType.U8)).isInstanceOf(IllegalArgumentException.class);
    }
}
