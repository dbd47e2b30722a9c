package dev.loci.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A random matrix and the numbers that its bytes stand for.
@SuppressWarnings("ArrayRecordComponent") // never compared
public record SampleMatrix(Matrix matrix, double[] values) {
    public static SampleMatrix of(Arena arena, Samples samples, WeightType type, int rows, int columns) {
        int count = rows * columns;
        double[] values = new double[count];
        MemorySegment data = arena.allocate((long) count * type.elementBytes(), Float.BYTES);
        MemorySegment scales = type == WeightType.INT8 ? samples.floats(rows, 0.01f) : MemorySegment.NULL;
        for (int i = 0; i < count; i++) {
            float value = 2 * samples.random().nextFloat() - 1;
            switch (type) {
                case F32 -> {
                    data.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
                    values[i] = value;
                }
                case BF16 -> {
                    int bits = Float.floatToIntBits(value) >>> 16;
                    data.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) bits);
                    values[i] = Float.intBitsToFloat(bits << 16);
                }
                case INT8 -> {
                    int q = samples.random().nextInt(255) - 127;
                    data.set(ValueLayout.JAVA_BYTE, i, (byte) q);
                    values[i] = q * (double) Values.f32(scales, i / columns);
                }
            }
        }
        return new SampleMatrix(new Matrix(type, data, scales, rows, columns), values);
    }

    /// The same numbers in panels, laid out by the reference.
    public SampleMatrix inPanels(Arena arena, Kernels reference) {
        WeightType type = matrix.type();
        MemorySegment data = arena.allocate(MatrixLayout.PANELS.bytes(type, matrix.rows(), matrix.columns()), 64);
        reference.pack().pack(matrix, data);
        return new SampleMatrix(
                new Matrix(type, data, matrix.scales(), matrix.rows(), matrix.columns(), MatrixLayout.PANELS), values);
    }

    double at(long row, long column) {
        return values[(int) (row * matrix.columns() + column)];
    }
}
