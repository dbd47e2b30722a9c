package dev.loci.kernel.scalar;

import dev.loci.kernel.Matrix;

/// Elements of a weight matrix as numbers.
final class MatrixReader {
    private MatrixReader() {}

    static double at(Matrix matrix, long row, long column) {
        return switch (matrix.type()) {
            case F32 -> Elements.f32(matrix.data(), row * matrix.columns() + column);
            case BF16 -> Elements.bf16At(matrix.data(), offset(matrix, row, column));
            case INT8 -> (double) Elements.f32(matrix.scales(), row) * byteAt(matrix, row, column);
        };
    }

    /// The stored value of an int8 matrix, without its scale.
    static int byteAt(Matrix matrix, long row, long column) {
        return Elements.i8At(matrix.data(), offset(matrix, row, column));
    }

    private static long offset(Matrix matrix, long row, long column) {
        return matrix.layout().offset(matrix.type(), matrix.columns(), row, column);
    }
}
