package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// The selecting part of one UltraMem V1 memory layer; segments are borrowed for as long as the layer is used.
/// @param keys      as the type says, normalised
/// @param keyType   [WeightType#F32]: `f32[heads][2][axisKeys][rank][keyDim]`; [WeightType#BF16]: for each head and
/// side
///                  a matrix `[axisKeys * rank, keyDim]` in [MatrixLayout#PANELS], multiplied with queries that are
///                  rounded to bf16, to nearest, ties to even
/// @param u         `f32[heads][rank]`, row pre-filter
/// @param v         `f32[heads][rank]`, column pre-filter
/// @param cores     `f32[cores][heads][rank][rank]`
/// @param shuffle   `i32[axisKeys * axisKeys]`: virtual slot to permuted id in `[0, groups * tableRows)`
/// @param top       hits kept by each head, at most `axisKeys`
/// @param groups    value projectors (E)
/// @param tableRows physical rows (N)
public record RetrievalKeys(
        MemorySegment keys,
        WeightType keyType,
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
    public RetrievalKeys {
        if (keyType != WeightType.F32 && keyType != WeightType.BF16) {
            throw new IllegalArgumentException("retrieval keys: expected F32 or BF16, found " + keyType);
        }
    }

    /// Keys as f32.
    public RetrievalKeys(
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
        this(
                keys,
                WeightType.F32,
                u,
                v,
                cores,
                shuffle,
                heads,
                axisKeys,
                keyDim,
                rank,
                coreCount,
                top,
                groups,
                tableRows);
    }

    /// Bytes of the keys of one head and side.
    public static long matrixBytes(WeightType type, int axisKeys, int rank, int keyDim) {
        MatrixLayout layout = type == WeightType.F32 ? MatrixLayout.ROWS : MatrixLayout.PANELS;
        return layout.bytes(type, Math.multiplyExact(axisKeys, rank), keyDim);
    }

    /// Offset in bytes of an element of a key.
    /// @param side 0 for rows, 1 for columns
    public long offset(int head, int side, int key, int factor, int column) {
        MatrixLayout layout = keyType == WeightType.F32 ? MatrixLayout.ROWS : MatrixLayout.PANELS;
        long matrix = (head * 2L + side) * layout.bytes(keyType, Math.multiplyExact(axisKeys, rank), keyDim);
        return matrix + layout.offset(keyType, keyDim, (long) key * rank + factor, column);
    }

    /// Hits of one token: `heads * top`.
    public int hits() {
        return Math.multiplyExact(heads, top);
    }
}
