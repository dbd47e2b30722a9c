package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// What sampling writes.
/// @param ids         `i32[rows]`; -1 where a logit is not finite, and then nothing else of the row is defined
/// @param logprobs    `f64[rows]`, of rows with a score
/// @param topIds      `i32[rows][top]`: a row's alternatives, best first
/// @param topLogprobs `f64[rows][top]`
/// @param top         alternatives of a row at most
public record SampleResults(
        MemorySegment ids, MemorySegment logprobs, MemorySegment topIds, MemorySegment topLogprobs, int top) {}
