package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Causal attention over the cache: for each token and head, softmax over positions 0 to its own of
/// `<q, key> / sqrt(headDim)`, then the weighted sum of values. Head a reads key/value head `a / (heads / kvHeads)`.
///
/// Keys and values are read from the cache alone, so a token's result does not depend on how its prompt was cut into
/// steps.
public interface AttentionKernel {
    /// Attends for each token of the step.
    ///
    /// @param q   `f32[tokens][heads * headDim]`
    /// @param out the same shape, overwritten
    void attend(MemorySegment q, int heads, StepTokens tokens, KvPages cache, MemorySegment out);

    /// Says which cache the next attention reads, so that its rows can come into the CPU's caches while products run in
    /// between. A hint: no result depends on it, and a cache may be closed without it being taken back.
    ///
    /// @param tokens of the step, positions and sequences as [#attend] will get them
    void foresee(StepTokens tokens, KvPages next);
}
