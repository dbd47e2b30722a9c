package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// What a layer does to its fused projection before attention.
/// @param heads     query heads, a multiple of the key/value heads
/// @param clip      q, k and v are clamped to `[-clip, clip]`; positive infinity for none
/// @param normHeads whether each head of q and k is normalised (before the rotation)
/// @param qNorm     over headDim; ignored unless `normHeads`
/// @param kNorm     over headDim, same kind and eps as `qNorm`; ignored unless `normHeads`
/// @param cosSin    `f32[positions][2][headDim / 2]`: cosines, then sines, of each position's angles
public record QkvShape(
        int heads, float clip, boolean normHeads, Norm qNorm, Norm kNorm, MemorySegment cosSin, int positions) {}
