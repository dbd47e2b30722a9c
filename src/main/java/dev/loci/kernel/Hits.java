package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// What retrieval writes and pooling reads, for `tokens x hits`.
/// @param rows    `i32[tokens][hits]`: physical rows
/// @param groups  `i32[tokens][hits]`: which projector's group
/// @param weights `f32[tokens][hits][coreCount]`
public record Hits(MemorySegment rows, MemorySegment groups, MemorySegment weights, int hits, int coreCount) {}
