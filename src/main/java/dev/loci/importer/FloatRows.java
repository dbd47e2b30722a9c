package dev.loci.importer;

import dev.loci.tensor.DType;
import dev.loci.tensor.FloatElements;
import dev.loci.tensor.Tensor;

/// Rows of f32, wherever they come from.
@FunctionalInterface
interface FloatRows {
    /// Overwrites all of `out`.
    void read(long row, float[] out);

    /// The rows of a tensor, each as long as the array that is asked for.
    /// @param target type that they are to become: values that it cannot hold, or that are no numbers, are refused
    static FloatRows of(String where, Tensor tensor, DType target) {
        float limit = FloatElements.max(target);
        return (row, out) -> {
            FloatElements.read(tensor.dtype(), tensor.data(), row * out.length, out, out.length);
            for (float value : out) {
                if (!(Math.abs(value) <= limit)) {
                    throw ImportException.of(
                            where,
                            tensor.name() + " row " + row,
                            "finite values up to " + limit,
                            Float.toString(value));
                }
            }
        };
    }
}
