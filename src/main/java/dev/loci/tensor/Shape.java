package dev.loci.tensor;

import java.util.List;

/// Arithmetic of tensor shapes.
public final class Shape {
    private Shape() {}

    /// Elements of a tensor of this shape; 1 for a scalar's empty shape.
    /// @throws ArithmeticException beyond 64 bits
    public static long elements(List<Long> shape) {
        long elements = 1;
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("shape " + shape + ": expected sizes of at least 0, found " + size);
            }
            elements = Math.multiplyExact(elements, size);
        }
        return elements;
    }

    /// Bytes of a tensor of this type and shape.
    /// @throws ArithmeticException beyond 64 bits
    public static long bytes(DType dtype, List<Long> shape) {
        return Math.multiplyExact(elements(shape), dtype.bytes());
    }
}
