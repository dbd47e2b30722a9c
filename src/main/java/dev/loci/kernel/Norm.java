package dev.loci.kernel;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A normalisation of rows of `dim` elements.
/// @param weight `f32[dim]`, or [MemorySegment#NULL] for none; borrowed
public record Norm(Kind kind, MemorySegment weight, int dim, float eps) {
    public enum Kind {
        /// `x / sqrt(mean(x^2) + eps) * weight`
        RMS(0),
        /// `(x - mean(x)) / sqrt(var(x) + eps) * weight`, biased variance
        LAYER(1);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }

    public Norm {
        Objects.requireNonNull(kind, "kind");
        if (dim < 1) {
            throw new IllegalArgumentException("norm: expected a dim of at least 1, found " + dim);
        }
        if (weight.byteSize() != 0 && weight.byteSize() != 4L * dim) {
            throw new IllegalArgumentException(
                    "norm weight: expected " + 4L * dim + " bytes or none, found " + weight.byteSize());
        }
    }
}
