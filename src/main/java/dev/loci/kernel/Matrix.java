package dev.loci.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A weight matrix, `rows x columns`; segments are borrowed for as long as the matrix is used.
/// @param data   the elements, as the layout says
/// @param scales `f32[rows]` for [WeightType#INT8], [MemorySegment#NULL] otherwise
public record Matrix(
        WeightType type, MemorySegment data, MemorySegment scales, int rows, int columns, MatrixLayout layout) {
    public Matrix {
        Objects.requireNonNull(type, "type");
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "matrix: expected at least 1 row and 1 column, found " + rows + " x " + columns);
        }
        if (layout == MatrixLayout.PANELS && type == WeightType.F32) {
            throw new IllegalArgumentException("matrix in panels: expected BF16 or INT8, found F32");
        }
        long dataBytes = layout.bytes(type, rows, columns);
        if (data.byteSize() != dataBytes) {
            throw new IllegalArgumentException(
                    "matrix data: expected " + dataBytes + " bytes, found " + data.byteSize());
        }
        long scaleBytes = type == WeightType.INT8 ? 4L * rows : 0;
        if (scales.byteSize() != scaleBytes) {
            throw new IllegalArgumentException(
                    "matrix scales: expected " + scaleBytes + " bytes, found " + scales.byteSize());
        }
    }

    /// A matrix whose data lie row after row.
    public Matrix(WeightType type, MemorySegment data, MemorySegment scales, int rows, int columns) {
        this(type, data, scales, rows, columns, MatrixLayout.ROWS);
    }
}
