package dev.loci.kernel;

import java.lang.foreign.MemorySegment;

/// Draws ids from rows of logits, or takes given ones, and scores them.
///
/// Adjusted logits, each step rounded to f32 and kept finite:
/// ```
/// ids in the history:  (x > 0 ? x / repetitionPenalty : x * repetitionPenalty)
///                      - frequencyPenalty * times in the answer - (in the answer ? presencePenalty : 0)
/// biased ids:          x + bias
/// suppressed ids:      never drawn, like those that a mask lacks
/// ```
/// A draw, with `share(x) = exp((x - greatest adjusted x) / temperature)`: ids of `share >= minP` are kept, of them the
/// `topK` greatest, of them the fewest greatest whose shares reach `topP` of what was kept. The id is the first whose
/// running sum of shares exceeds `draw` times their sum: in order of id, or greatest first with `topK` or `topP`.
/// Of equal logits the lower id is first.
///
/// Scores are over the logits as they came: `x - log(sum of exp)`.
public interface SampleKernel {
    /// @param logits    `f32[rows][columns]`
    /// @param vocabSize ids from here on are padding
    void sample(MemorySegment logits, int columns, int vocabSize, SampleRows rows, SampleResults out);
}
