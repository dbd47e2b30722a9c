package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Normalises rows as [Norm] says.
public interface NormKernel {
    /// Normalises each row of `x`.
    ///
    /// @param x   `f32[rows][norm.dim]`
    /// @param out the same shape, overwritten; may be `x`
    void normalize(MemorySegment x, int rows, Norm norm, MemorySegment out);
}
