package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Causal attention over the cache: for each token and head, softmax over positions 0 to its own of
/// `<q, key> / sqrt(headDim)`, then the weighted sum of values. Head a reads key/value head `a / (heads / kvHeads)`.
///
/// Keys and values are read from the cache alone, so a token's result does not depend on how its prompt was cut into
/// steps.
public interface AttentionKernel {
    /// @param q   `f32[tokens][heads * headDim]`
    /// @param out the same shape, overwritten
    void attend(MemorySegment q, int heads, StepTokens tokens, KvPages cache, MemorySegment out);
}
