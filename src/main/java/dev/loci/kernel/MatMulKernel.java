package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Product of a batch with a weight matrix: `out[t][r] = sum over c of x[t][c] * weights[r][c]`.
///
/// The order of the sum depends on `weights.columns` alone, so a token's result does not depend on the batch.
public interface MatMulKernel {
    /// Multiplies each token of the step.
    ///
    /// @param x           `f32[tokens][weights.columns]`
    /// @param activations [Activations#INT8] for [WeightType#INT8] weights only (in panels no other),
    ///                    [Activations#BF16] for [WeightType#BF16] in panels only
    /// @param out         `f32[tokens][weights.rows]`, overlaps no input
    /// @param add         whether the product is added to what `out` holds
    void multiply(MemorySegment x, int tokens, Matrix weights, Activations activations, MemorySegment out, boolean add);

    /// Multiplies each token of the step and applies SwiGLU: to the bit what [SwigluKernel] makes of the product, which
    /// itself is never written out.
    ///
    /// @param weights an even number of rows: the linear half, then the gate's
    /// @param out     `f32[tokens][weights.rows / 2]`, overlaps no input
    void multiplySwiglu(MemorySegment x, int tokens, Matrix weights, Activations activations, MemorySegment out);
}
