package dev.loci.model;

import dev.loci.kernel.Matrix;
import dev.loci.kernel.Norm;
import dev.loci.kernel.QkvShape;

/// One transformer block.
/// @param qkv     `[(heads + 2 * kvHeads) * headDim, width]`: all of q, then k, then v
/// @param attnOut `[width, heads * headDim]`
/// @param ffnIn   `[2 * ffnInner, width]`, the gate in the second half of the rows
/// @param ffnOut  `[width, ffnInner]`
record Block(Norm attnNorm, Matrix qkv, QkvShape qkvShape, Matrix attnOut, Norm ffnNorm, Matrix ffnIn, Matrix ffnOut) {}
