package dev.loci.kernel.scalar;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Numbers in segments, little-endian at any alignment; offsets are in bytes, indices in elements.
final class Elements {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Elements() {}

    static float f32(MemorySegment segment, long index) {
        return segment.get(F32, index * Float.BYTES);
    }

    static void f32(MemorySegment segment, long index, double value) {
        segment.set(F32, index * Float.BYTES, (float) value);
    }

    static long i64(MemorySegment buffer, long index) {
        return buffer.getAtIndex(ValueLayout.JAVA_LONG_UNALIGNED, index);
    }

    static int i32(MemorySegment segment, long index) {
        return segment.get(I32, index * Integer.BYTES);
    }

    static void i32(MemorySegment segment, long index, int value) {
        segment.set(I32, index * Integer.BYTES, value);
    }

    static double f64(MemorySegment segment, long index) {
        return segment.get(F64, index * Double.BYTES);
    }

    static void f64(MemorySegment segment, long index, double value) {
        segment.set(F64, index * Double.BYTES, value);
    }

    static float f32At(MemorySegment segment, long offset) {
        return segment.get(F32, offset);
    }

    static void f32At(MemorySegment segment, long offset, float value) {
        segment.set(F32, offset, value);
    }

    static byte i8At(MemorySegment segment, long offset) {
        return segment.get(ValueLayout.JAVA_BYTE, offset);
    }

    static void i8At(MemorySegment segment, long offset, byte value) {
        segment.set(ValueLayout.JAVA_BYTE, offset, value);
    }

    static float f16At(MemorySegment segment, long offset) {
        return Float.float16ToFloat(segment.get(I16, offset));
    }

    static void f16At(MemorySegment segment, long offset, float value) {
        segment.set(I16, offset, Float.floatToFloat16(value));
    }

    static float bf16At(MemorySegment segment, long offset) {
        return Float.intBitsToFloat(segment.get(I16, offset) << 16);
    }

    /// Rounds to nearest, ties to even; a NaN stays one.
    static void bf16At(MemorySegment segment, long offset, float value) {
        segment.set(I16, offset, (short) bf16Bits(value));
    }

    /// A float as bf16 holds it.
    static double roundedToBf16(double value) {
        return Float.intBitsToFloat(bf16Bits((float) value) << 16);
    }

    private static int bf16Bits(float value) {
        int bits = Float.floatToRawIntBits(value);
        int rounded = Float.isNaN(value) ? bits | 0x0040_0000 : bits + 0x7FFF + (bits >>> 16 & 1);
        return rounded >>> 16;
    }
}
