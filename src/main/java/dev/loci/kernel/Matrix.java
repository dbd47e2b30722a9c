package dev.loci.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A weight matrix, `rows x columns`, row-major; segments are borrowed for as long as the matrix is used.
/// @param data   `type[rows][columns]`
/// @param scales `f32[rows]` for [WeightType#INT8], [MemorySegment#NULL] otherwise
public record Matrix(WeightType type, MemorySegment data, MemorySegment scales, int rows, int columns) {
    public Matrix {
        Objects.requireNonNull(type, "type");
        if (rows < 1 || columns < 1) {
            throw new IllegalArgumentException(
                    "matrix: expected at least 1 row and 1 column, found " + rows + " x " + columns);
        }
        long dataBytes = Math.multiplyExact((long) rows * columns, type.elementBytes());
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
}
