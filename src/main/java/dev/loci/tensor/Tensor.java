package dev.loci.tensor;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;

/// A view of a tensor where it lies.
/// @param data row-major elements, little-endian, borrowed until the file that it came from is closed; aligned to the
/// element only
///             where the file's writer saw to it
public record Tensor(String name, DType dtype, List<Long> shape, MemorySegment data) {
    public Tensor {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(dtype, "dtype");
        shape = List.copyOf(shape);
        long bytes = Shape.bytes(dtype, shape);
        if (data.byteSize() != bytes) {
            throw new IllegalArgumentException(name + ", data: expected " + bytes + " bytes, found " + data.byteSize());
        }
    }

    public long elements() {
        return Shape.elements(shape);
    }
}
