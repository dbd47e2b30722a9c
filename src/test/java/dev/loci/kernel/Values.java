package dev.loci.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Numbers in and out of segments, for tests.
public final class Values {
    private Values() {}

    public static MemorySegment f32(Arena arena, float... values) {
        return arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    }

    public static MemorySegment i32(Arena arena, int... values) {
        return arena.allocateFrom(ValueLayout.JAVA_INT, values);
    }

    public static float f32(MemorySegment segment, long index) {
        return segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
    }

    public static int i32(MemorySegment segment, long index) {
        return segment.get(ValueLayout.JAVA_INT_UNALIGNED, index * Integer.BYTES);
    }

    public static float[] f32s(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    public static int[] i32s(MemorySegment segment) {
        return segment.toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }

    /// A slice of rows of `rowBytes` each.
    public static MemorySegment rows(MemorySegment segment, long first, long count, long rowBytes) {
        return segment.asSlice(first * rowBytes, count * rowBytes);
    }
}
