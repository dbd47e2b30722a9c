package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Gated unit with the gate in the second half: `out = silu(second half) * first half`, `silu(z) = z / (1 + exp(-z))`.
public interface SwigluKernel {
    /// Activates each token of the step.
    ///
    /// @param x   `f32[tokens][2 * inner]`
    /// @param out `f32[tokens][inner]`, overwritten
    void activate(MemorySegment x, int tokens, int inner, MemorySegment out);
}
