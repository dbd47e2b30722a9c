package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// The selecting part of one UltraMem V1 memory layer; segments are borrowed for as long as the layer is used.
/// @param keys      `f32[heads][2][axisKeys][rank][keyDim]`, normalised
/// @param u         `f32[heads][rank]`, row pre-filter
/// @param v         `f32[heads][rank]`, column pre-filter
/// @param cores     `f32[cores][heads][rank][rank]`
/// @param shuffle   `i32[axisKeys * axisKeys]`: virtual slot to permuted id in `[0, groups * tableRows)`
/// @param top       hits kept by each head, at most `axisKeys`
/// @param groups    value projectors (E)
/// @param tableRows physical rows (N)
public record RetrievalKeys(
        MemorySegment keys,
        MemorySegment u,
        MemorySegment v,
        MemorySegment cores,
        MemorySegment shuffle,
        int heads,
        int axisKeys,
        int keyDim,
        int rank,
        int coreCount,
        int top,
        int groups,
        long tableRows) {
    /// Hits of one token: `heads * top`.
    public int hits() {
        return Math.multiplyExact(heads, top);
    }
}
