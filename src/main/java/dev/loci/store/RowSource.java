package dev.loci.store;

import java.lang.foreign.MemorySegment;

/// Gives the rows of a tensor, in the bytes that are to be written.
@FunctionalInterface
public interface RowSource {
    /// Overwrites all of `out` with rows `[firstRow, firstRow + count)`; called in ascending order, each row once.
    void fill(long firstRow, int count, MemorySegment out);
}
