package dev.loci.kernel.scalar;

import java.lang.foreign.MemorySegment;

/// The checks that an op makes before it writes.
final class Arguments {
    private Arguments() {}

    /// Refuses a segment on the heap, as a backend in C must, or one smaller than `bytes`.
    static void size(String where, String what, MemorySegment segment, long bytes) {
        if (!segment.isNative()) {
            throw refused(where, what, "a native segment", "one on the heap");
        }
        if (segment.byteSize() < bytes) {
            throw refused(where, what, "at least " + bytes + " bytes", segment.byteSize() + " bytes");
        }
    }

    static void range(String where, String what, long value, long min, long max) {
        if (value < min || value > max) {
            throw refused(where, what, min + " to " + max, Long.toString(value));
        }
    }

    static void atLeast(String where, String what, long value, long min) {
        if (value < min) {
            throw refused(where, what, "at least " + min, Long.toString(value));
        }
    }

    static IllegalArgumentException refused(String where, String what, String expected, String found) {
        return new IllegalArgumentException(where + ", " + what + ": expected " + expected + ", found " + found);
    }

    /// Product of dimensions and an element's width.
    static long bytes(long width, long... dims) {
        long product = width;
        for (long dim : dims) {
            product = Math.multiplyExact(product, dim);
        }
        return product;
    }
}
