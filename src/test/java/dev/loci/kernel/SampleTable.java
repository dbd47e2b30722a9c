package dev.loci.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// A random table in two parts, its rows padded, and the numbers that its bytes stand for.
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SampleTable(TableRows table, double[][] values) {
    private static final int PADDING = 3;

    public static SampleTable of(Arena arena, Samples samples, RowType type, int rows, int dim) {
        int stride = type.rowBytes(dim) + PADDING;
        int first = rows / 3 + 1;
        MemorySegment data = arena.allocate((long) rows * stride);
        double[][] values = new double[rows][];
        for (int r = 0; r < rows; r++) {
            values[r] = write(samples, type, data.asSlice((long) r * stride, stride), dim);
        }
        List<TableRows.Part> parts = rows == 1
                ? List.of(new TableRows.Part(data, 0, 1))
                : List.of(
                        new TableRows.Part(data.asSlice(0, (long) first * stride), 0, first),
                        new TableRows.Part(data.asSlice((long) first * stride), first, rows - first));
        return new SampleTable(new TableRows(type, parts, rows, dim, stride), values);
    }

    private static double[] write(Samples samples, RowType type, MemorySegment row, int dim) {
        double[] values = new double[dim];
        float scale = samples.random().nextFloat() * 0.01f;
        for (int d = 0; d < dim; d++) {
            float value = 2 * samples.random().nextFloat() - 1;
            switch (type) {
                case F32 -> {
                    row.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * d, value);
                    values[d] = value;
                }
                case BF16 -> {
                    int bits = Float.floatToIntBits(value) >>> 16;
                    row.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * d, (short) bits);
                    values[d] = Float.intBitsToFloat(bits << 16);
                }
                case F16 -> {
                    short bits = Float.floatToFloat16(value);
                    row.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * d, bits);
                    values[d] = Float.float16ToFloat(bits);
                }
                case INT8 -> {
                    int q = samples.random().nextInt(255) - 127;
                    row.set(ValueLayout.JAVA_BYTE, d, (byte) q);
                    row.set(ValueLayout.JAVA_FLOAT_UNALIGNED, dim, scale);
                    values[d] = q * (double) scale;
                }
                case INT4 -> {
                    int q = samples.random().nextInt(15) - 7;
                    int at = d % (dim / 2);
                    int low = d < dim / 2 ? 0 : row.get(ValueLayout.JAVA_BYTE, at) & 0xF;
                    row.set(ValueLayout.JAVA_BYTE, at, (byte) (d < dim / 2 ? q + 8 : low | (q + 8) << 4));
                    row.set(ValueLayout.JAVA_FLOAT_UNALIGNED, dim / 2, scale);
                    values[d] = q * (double) scale;
                }
            }
        }
        return values;
    }
}
