package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Gathers, scales and pools rows of a value table:
/// `out[t][g][d] = sum over hits k of token t with groups[k] == g, in order, of weights[k][core(d)] * row[d]`,
/// `core(d) = d / (dim / coreCount)`.
public interface PoolKernel {
    /// Pools the hits of each token of the step.
    ///
    /// @param groups how many groups there are
    /// @param out    `f32[tokens][groups][table.dim]`, overwritten
    /// @return how many distinct rows the hits of all tokens name
    long pool(TableRows table, Hits hits, int tokens, int groups, MemorySegment out);
}
