package dev.loci.engine;

import java.util.List;

/// What an engine has done since its start, and what it holds now.
/// @param steps          forward passes
/// @param tokens         tokens that went through the model
/// @param promptTokens   prompt tokens of requests that were taken in
/// @param cachedTokens   of those, tokens found in the prefix cache
/// @param generated      new tokens
/// @param forcedTokens   of those, tokens that a grammar left no choice of, appended without being drawn
/// @param preemptions    sequences that gave their pages back and ran again later
/// @param weightBytes    bytes of dense weights read: each matrix once a step
/// @param tables         what each memory layer read
/// @param pages          pages of the KV cache
/// @param freePages      pages that hold nothing
/// @param cachedPages    pages that hold a prefix nobody uses now
/// @param running        sequences that have a row
/// @param waiting        sequences that have none: they wait for the first time, or again after they were preempted or
///                       while their client reads
/// @param stepNanos      time in steps, sampling included
/// @param betweenNanos   time between the end of a step and the start of the next while there was work
public record EngineStats(
        long steps,
        long tokens,
        long promptTokens,
        long cachedTokens,
        long generated,
        long forcedTokens,
        long preemptions,
        long weightBytes,
        List<Table> tables,
        int pages,
        int freePages,
        int cachedPages,
        int running,
        int waiting,
        long stepNanos,
        long betweenNanos) {
    /// @param hits       rows used, each time counted
    /// @param uniqueRows distinct rows of each step, added up
    /// @param bytes      of those distinct rows
    public record Table(long hits, long uniqueRows, long bytes) {}

    public EngineStats {
        tables = List.copyOf(tables);
    }
}
