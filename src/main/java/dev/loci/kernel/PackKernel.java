package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Lays a matrix out in [MatrixLayout#PANELS].
public interface PackKernel {
    /// @param from in [MatrixLayout#ROWS], of type BF16 or INT8
    /// @param out  as many bytes as [MatrixLayout#bytes] says, overwritten
    void pack(Matrix from, MemorySegment out);
}
