package dev.loci.store;

import dev.loci.kernel.RowType;
import dev.loci.tensor.FloatElements;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Rows of f32 to and from the bytes of a [TableLayout].
///
/// Quantised rows have one scale, `max |v| / 127` (int8) or `max |v| / 7` (int4), as f32 behind the values; an element
/// is
/// `scale * round(v / scale)`, ties to even. A row whose scale would be 0 is all zeros.
///
/// byte          size       int8 row
///    0           dim       values, i8 in -127..127
///  dim             4       scale, f32
///    -             -       zeros to the stride
///
/// byte          size       int4 row
///    0       dim / 2       column i in the low nibble, column i + dim / 2 in the high one, each as value + 8 in 1..15
/// dim / 2          4       scale, f32
///    -             -       zeros to the stride
public final class RowEncoder {
    private static final ValueLayout.OfFloat SCALE =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /// Greatest value of an int8 element.
    public static final int INT8_MAX = 127;

    public static final int INT4_MAX = 7;
    static final int INT4_BIAS = 8;

    private RowEncoder() {}

    /// The scale of a row of which the greatest element is to become `max`.
    public static float scale(float[] row, int count, int max) {
        float greatest = 0;
        for (int i = 0; i < count; i++) {
            greatest = Math.max(greatest, Math.abs(row[i]));
        }
        return greatest / max;
    }

    /// The integer in `-max..max` that stands for a value.
    public static int quantised(float value, float scale, int max) {
        if (scale == 0) {
            return 0;
        }
        return Math.clamp((int) Math.rint(value / scale), -max, max);
    }

    /// Writes a row of finite values, padding included: `layout.stride()` bytes from `offset` on.
    public static void encode(TableLayout layout, float[] row, MemorySegment out, long offset) {
        int dim = layout.dim();
        if (row.length != dim) {
            throw new IllegalArgumentException("row: expected " + dim + " columns, found " + row.length);
        }
        long used = layout.type().rowBytes(dim);
        switch (layout.type()) {
            case F32, BF16, F16 -> FloatElements.write(layout.dtype(), row, dim, out, offset);
            case INT8 -> {
                float scale = scale(row, dim, INT8_MAX);
                for (int i = 0; i < dim; i++) {
                    out.set(ValueLayout.JAVA_BYTE, offset + i, (byte) quantised(row[i], scale, INT8_MAX));
                }
                out.set(SCALE, offset + dim, scale);
            }
            case INT4 -> encodeInt4(row, dim / 2, out, offset);
        }
        out.asSlice(offset + used, layout.stride() - used).fill((byte) 0);
    }

    private static void encodeInt4(float[] row, int half, MemorySegment out, long offset) {
        float scale = scale(row, 2 * half, INT4_MAX);
        for (int i = 0; i < half; i++) {
            int low = quantised(row[i], scale, INT4_MAX) + INT4_BIAS;
            int high = quantised(row[i + half], scale, INT4_MAX) + INT4_BIAS;
            out.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (low | high << 4));
        }
        out.set(SCALE, offset + half, scale);
    }

    /// Reads the row that begins at `offset`.
    public static float[] decode(TableLayout layout, MemorySegment rows, long offset) {
        int dim = layout.dim();
        float[] row = new float[dim];
        switch (layout.type()) {
            case F32, BF16, F16 -> {
                MemorySegment bytes = rows.asSlice(offset, layout.type().rowBytes(dim));
                FloatElements.read(layout.dtype(), bytes, 0, row, dim);
            }
            case INT8 -> {
                float scale = rows.get(SCALE, offset + dim);
                for (int i = 0; i < dim; i++) {
                    row[i] = scale * rows.get(ValueLayout.JAVA_BYTE, offset + i);
                }
            }
            case INT4 -> decodeInt4(row, rows, offset);
        }
        return row;
    }

    private static void decodeInt4(float[] row, MemorySegment rows, long offset) {
        int half = row.length / 2;
        float scale = rows.get(SCALE, offset + half);
        for (int i = 0; i < half; i++) {
            int pair = rows.get(ValueLayout.JAVA_BYTE, offset + i) & 0xff;
            row[i] = scale * ((pair & 15) - INT4_BIAS);
            row[i + half] = scale * ((pair >>> 4) - INT4_BIAS);
        }
    }

    /// Writes the scale of a row of quantised values that are already there.
    public static void writeScale(TableLayout layout, float scale, MemorySegment out, long offset) {
        int at = layout.type().rowBytes(layout.dim()) - Float.BYTES;
        if (layout.type() != RowType.INT8 && layout.type() != RowType.INT4) {
            throw new IllegalArgumentException("row type: expected INT8 or INT4, found " + layout.type());
        }
        out.set(SCALE, offset + at, scale);
    }
}
