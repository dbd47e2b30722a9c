package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// One layer of a paged KV cache and the page table of the sequences in a batch; segments are borrowed for a call.
///
/// `keys` and `values` are `row[pages][kvHeads][pageTokens]`, a row being [KvType#rowBytes] long. Position p of
/// sequence s
/// lies in page `pageTable[s][p / pageTokens]` at `p % pageTokens`.
/// @param pageTable `i32[sequences][pagesPerSequence]`; entries beyond a sequence's end are not read
/// @param pageTokens a power of two
public record KvPages(
        KvType type,
        MemorySegment keys,
        MemorySegment values,
        long pages,
        int pageTokens,
        int kvHeads,
        int headDim,
        MemorySegment pageTable,
        int sequences,
        int pagesPerSequence) {}
