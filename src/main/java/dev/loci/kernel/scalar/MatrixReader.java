package dev.loci.kernel.scalar;

import dev.loci.kernel.Matrix;

/// Elements of a weight matrix as numbers.
final class MatrixReader {
    private MatrixReader() {}

    static double at(Matrix matrix, long row, long column) {
        long index = row * matrix.columns() + column;
        return switch (matrix.type()) {
            case F32 -> Elements.f32(matrix.data(), index);
            case BF16 -> Elements.bf16At(matrix.data(), index * Short.BYTES);
            case INT8 -> (double) Elements.f32(matrix.scales(), row) * Elements.i8At(matrix.data(), index);
        };
    }
}
