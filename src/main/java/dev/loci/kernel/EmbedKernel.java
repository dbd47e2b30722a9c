package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Rows of the embedding: `out[t][c] = table[ids[t]][c]`.
public interface EmbedKernel {
    /// Reads the row of each token.
    ///
    /// @param ids `i32[tokens]` in `[0, table.rows)`
    /// @param out `f32[tokens][table.columns]`, overwritten
    void embed(Matrix table, MemorySegment ids, int tokens, MemorySegment out);
}
