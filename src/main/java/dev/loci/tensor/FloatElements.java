package dev.loci.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Elements of the four floating-point types, read as and written from f32; rounding is to the nearest, ties to even.
public final class FloatElements {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort BITS16 =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private FloatElements() {}

    /// The largest finite value.
    public static float max(DType dtype) {
        return switch (dtype) {
            case F64, F32 -> Float.MAX_VALUE;
            case BF16 -> fromBf16((short) 0x7f7f);
            case F16 -> 65504;
            case I64, I32, I16, I8, U8, BOOL -> throw notFloat(dtype);
        };
    }

    /// Reads `count` elements from element `first` on.
    public static void read(DType dtype, MemorySegment data, long first, float[] out, int count) {
        switch (dtype) {
            case F64 -> {
                for (int i = 0; i < count; i++) {
                    out[i] = (float) data.get(F64, (first + i) * 8);
                }
            }
            case F32 -> MemorySegment.copy(data, F32, first * 4, out, 0, count);
            case F16 -> {
                short[] bits = bits(data, first, count);
                for (int i = 0; i < count; i++) {
                    out[i] = Float.float16ToFloat(bits[i]);
                }
            }
            case BF16 -> {
                short[] bits = bits(data, first, count);
                for (int i = 0; i < count; i++) {
                    out[i] = fromBf16(bits[i]);
                }
            }
            case I64, I32, I16, I8, U8, BOOL -> throw notFloat(dtype);
        }
    }

    /// Copied at once: element by element costs much more where no compiler has seen to it yet.
    private static short[] bits(MemorySegment data, long first, int count) {
        short[] bits = new short[count];
        MemorySegment.copy(data, BITS16, first * 2, bits, 0, count);
        return bits;
    }

    /// Writes `count` elements from byte `offset` on; f64 is not written.
    public static void write(DType dtype, float[] in, int count, MemorySegment out, long offset) {
        switch (dtype) {
            case F32 -> MemorySegment.copy(in, 0, out, F32, offset, count);
            case F16 -> {
                short[] bits = new short[count];
                for (int i = 0; i < count; i++) {
                    bits[i] = Float.floatToFloat16(in[i]);
                }
                MemorySegment.copy(bits, 0, out, BITS16, offset, count);
            }
            case BF16 -> {
                short[] bits = new short[count];
                for (int i = 0; i < count; i++) {
                    bits[i] = toBf16(in[i]);
                }
                MemorySegment.copy(bits, 0, out, BITS16, offset, count);
            }
            case F64, I64, I32, I16, I8, U8, BOOL -> throw notFloat(dtype);
        }
    }

    public static float fromBf16(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    public static short toBf16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16);
    }

    private static IllegalArgumentException notFloat(DType dtype) {
        return new IllegalArgumentException("dtype: expected F32, F16 or BF16, found " + dtype);
    }
}
