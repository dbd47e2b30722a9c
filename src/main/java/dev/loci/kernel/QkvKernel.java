package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Takes the fused projection of a step apart: clamp, per-head norm, rotation (columns i and i + headDim / 2), then
/// keys
/// and values go to the cache, rounded to its type, and queries to `q`.
public interface QkvKernel {
    /// @param qkv `f32[tokens][(heads + 2 * kvHeads) * headDim]`: all of q, then k, then v; used as scratch
    /// @param q   `f32[tokens][heads * headDim]`, overwritten
    void prepare(MemorySegment qkv, QkvShape shape, StepTokens tokens, KvPages cache, MemorySegment q);
}
