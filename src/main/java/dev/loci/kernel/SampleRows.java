package dev.loci.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// Rows and the buffers that their spans lie in, borrowed for a call.
/// @param history    `i32`: ids
/// @param biasIds    `i32`: ids
/// @param biases     `f64`, one for each of `biasIds`
/// @param suppressed `i32`: ids
/// @param masks      `i64`: words of masks, `(vocabSize + 63) / 64` each; bit i of word w is for id `64 * w + i`
public record SampleRows(
        List<SampleRow> rows,
        MemorySegment history,
        MemorySegment biasIds,
        MemorySegment biases,
        MemorySegment suppressed,
        MemorySegment masks) {
    /// Without masks.
    public SampleRows(
            List<SampleRow> rows,
            MemorySegment history,
            MemorySegment biasIds,
            MemorySegment biases,
            MemorySegment suppressed) {
        this(rows, history, biasIds, biases, suppressed, MemorySegment.NULL);
    }
}
