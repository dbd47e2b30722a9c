package dev.loci.importer;

import dev.loci.kernel.WeightType;
import dev.loci.store.DenseTensor;
import dev.loci.store.ModelContents;
import dev.loci.store.RowEncoder;
import dev.loci.store.RowSource;
import dev.loci.store.TableLayout;
import dev.loci.tensor.DType;
import dev.loci.tensor.FloatElements;
import dev.loci.tensor.SafetensorsWriter.Declared;
import dev.loci.tensor.Shape;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/// Rows of f32 into the bytes of a model directory.
final class Encoders {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private Encoders() {}

    /// Gives the number at an index of the shuffle.
    @FunctionalInterface
    interface Index {
        int at(long index);
    }

    /// Columns of the rows as which a tensor is read.
    static int columns(DenseTensor tensor) {
        return Math.toIntExact(tensor.shape().getLast());
    }

    /// A matrix in the dense type: one tensor, or for int8 two, the second with the scales.
    static List<ModelContents.Dense> matrix(DenseTensor tensor, WeightType type, FloatRows rows) {
        DType dtype = DenseTensor.matrixType(type);
        if (type != WeightType.INT8) {
            return List.of(floats(tensor, dtype, rows));
        }
        long count = tensor.shape().getFirst();
        float[] row = new float[columns(tensor)];
        RowSource values = (first, fills, out) -> {
            for (int i = 0; i < fills; i++) {
                rows.read(first + i, row);
                float scale = RowEncoder.scale(row, row.length, RowEncoder.INT8_MAX);
                long offset = (long) i * row.length;
                for (int c = 0; c < row.length; c++) {
                    int value = RowEncoder.quantised(row[c], scale, RowEncoder.INT8_MAX);
                    out.set(ValueLayout.JAVA_BYTE, offset + c, (byte) value);
                }
            }
        };
        RowSource scales = (first, fills, out) -> {
            for (int i = 0; i < fills; i++) {
                rows.read(first + i, row);
                out.set(FLOAT, i * 4L, RowEncoder.scale(row, row.length, RowEncoder.INT8_MAX));
            }
        };
        Declared declared = new Declared(tensor.name(), dtype, tensor.shape());
        Declared scale = new Declared(tensor.name() + DenseTensor.SCALE, DType.F32, List.of(count));
        return List.of(new ModelContents.Dense(declared, count, values), new ModelContents.Dense(scale, count, scales));
    }

    /// A tensor of a floating-point type, as rows of its last dimension.
    static ModelContents.Dense floats(DenseTensor tensor, DType dtype, FloatRows rows) {
        float[] row = new float[columns(tensor)];
        int rowBytes = row.length * dtype.bytes();
        RowSource source = (first, fills, out) -> {
            for (int i = 0; i < fills; i++) {
                rows.read(first + i, row);
                FloatElements.write(dtype, row, row.length, out, (long) i * rowBytes);
            }
        };
        long count = Shape.elements(tensor.shape()) / row.length;
        return new ModelContents.Dense(new Declared(tensor.name(), dtype, tensor.shape()), count, source);
    }

    static ModelContents.Dense index(DenseTensor tensor, Index index) {
        RowSource source = (first, fills, out) -> {
            for (int i = 0; i < fills; i++) {
                out.set(INT, i * 4L, index.at(first + i));
            }
        };
        Declared declared = new Declared(tensor.name(), DType.I32, tensor.shape());
        return new ModelContents.Dense(declared, tensor.shape().getFirst(), source);
    }

    static RowSource table(TableLayout layout, FloatRows rows) {
        float[] row = new float[layout.dim()];
        int stride = layout.stride();
        return (first, fills, out) -> {
            for (int i = 0; i < fills; i++) {
                rows.read(first + i, row);
                RowEncoder.encode(layout, row, out, (long) i * stride);
            }
        };
    }
}
