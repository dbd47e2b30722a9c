package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Selection of an UltraMem V1 memory layer (arXiv 2411.12364, sections on TDQKR, IVE and MCS), per token and head a:
/// ```
/// S0[j][p] = <query[0], keys[a][0][j][p]>          S1 likewise from query[1] and keys[a][1]
/// I = top m of j by sum over p of u[a][p] S0[j][p] J by v[a] and S1;  equal scores: lower index first
/// G[i][j] = S0[i] (sum over c of cores[c][a]) S1[j]^T, i in I, j in J
/// top m of G, in order of score; equal scores: lower i, then lower j
/// each gives id = shuffle[i * axisKeys + j], group = id / tableRows, row = id % tableRows
/// and for core c the weight S0[i] cores[c][a] S1[j]^T
/// ```
/// A NaN score counts as the lowest. With keys in bf16 the queries are rounded to bf16 first.
public interface RetrievalKernel {
    /// Selects for each token of the step.
    ///
    /// @param queries `f32[tokens][2][keyDim]`, normalised
    /// @param hits    overwritten; `hits.hits() == keys.hits()`
    void retrieve(MemorySegment queries, int tokens, RetrievalKeys keys, Hits hits);
}
