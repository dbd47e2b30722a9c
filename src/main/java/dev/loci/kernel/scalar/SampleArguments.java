package dev.loci.kernel.scalar;

import dev.loci.kernel.SampleResults;
import dev.loci.kernel.SampleRow;
import dev.loci.kernel.SampleRows;
import java.lang.foreign.MemorySegment;

/// What sampling refuses.
final class SampleArguments {
    private static final String WHERE = "scalar sample";

    private SampleArguments() {}

    static void check(MemorySegment logits, int columns, int vocabSize, SampleRows rows, SampleResults out) {
        int count = rows.rows().size();
        Arguments.atLeast(WHERE, "columns", columns, 1);
        Arguments.range(WHERE, "vocabSize", vocabSize, 1, columns);
        Arguments.atLeast(WHERE, "top", out.top(), 0);
        Arguments.size(WHERE, "logits", logits, Arguments.bytes(Float.BYTES, count, columns));
        Arguments.size(WHERE, "ids", out.ids(), Arguments.bytes(Integer.BYTES, count));
        Arguments.size(WHERE, "logprobs", out.logprobs(), Arguments.bytes(Double.BYTES, count));
        Arguments.size(WHERE, "topIds", out.topIds(), Arguments.bytes(Integer.BYTES, count, out.top()));
        Arguments.size(WHERE, "topLogprobs", out.topLogprobs(), Arguments.bytes(Double.BYTES, count, out.top()));
        for (int r = 0; r < count; r++) {
            String where = WHERE + ", row " + r;
            SampleRow row = rows.rows().get(r);
            numbers(where, row, vocabSize, out.top());
            int history = Math.addExact(row.promptCount(), row.answerCount());
            ids(where, "history", rows.history(), row.history(), history, vocabSize);
            ids(where, "bias ids", rows.biasIds(), row.bias(), row.biasCount(), vocabSize);
            ids(where, "suppressed", rows.suppressed(), row.suppressed(), row.suppressedCount(), vocabSize);
            span(where, "biases", rows.biases(), row.bias(), row.biasCount(), Double.BYTES);
            mask(where, row, rows.masks(), vocabSize);
            for (long i = row.bias(); i < row.bias() + row.biasCount(); i++) {
                finite(where, "bias", Elements.f64(rows.biases(), i));
            }
        }
    }

    private static void numbers(String where, SampleRow row, int vocabSize, int top) {
        Arguments.range(where, "given", row.given(), -1, vocabSize - 1L);
        Arguments.range(where, "alternatives", row.alternatives(), -1, top);
        Arguments.atLeast(where, "topK", row.topK(), 0);
        Arguments.atLeast(where, "promptCount", row.promptCount(), 0);
        Arguments.atLeast(where, "answerCount", row.answerCount(), 0);
        Arguments.atLeast(where, "biasCount", row.biasCount(), 0);
        Arguments.range(where, "suppressedCount", row.suppressedCount(), 0, vocabSize - 1L);
        finite(where, "presencePenalty", row.presencePenalty());
        finite(where, "frequencyPenalty", row.frequencyPenalty());
        require(
                row.temperature() >= 0 && row.temperature() <= Double.MAX_VALUE,
                where,
                "temperature",
                row.temperature());
        require(row.topP() > 0 && row.topP() <= 1, where, "topP", row.topP());
        require(row.minP() >= 0 && row.minP() <= 1, where, "minP", row.minP());
        require(row.draw() >= 0 && row.draw() < 1, where, "draw", row.draw());
        require(
                row.repetitionPenalty() > 0 && row.repetitionPenalty() <= Double.MAX_VALUE,
                where,
                "repetitionPenalty",
                row.repetitionPenalty());
    }

    private static void ids(String where, String what, MemorySegment ids, long first, int count, int vocabSize) {
        span(where, what, ids, first, count, Integer.BYTES);
        for (long i = first; i < first + count; i++) {
            Arguments.range(where, what, Elements.i32(ids, i), 0, vocabSize - 1L);
        }
    }

    private static void span(String where, String what, MemorySegment buffer, long first, int count, int width) {
        if (count > 0) {
            Arguments.range(where, what + " from", first, 0, buffer.byteSize() / width - count);
            Arguments.size(where, what, buffer, (first + count) * width);
        }
    }

    private static void mask(String where, SampleRow row, MemorySegment masks, int vocabSize) {
        if (row.mask() < 0) {
            return;
        }
        span(where, "masks", masks, row.mask(), (vocabSize + 63) / 64, Long.BYTES);
        int allowed = 0;
        for (int id = 0; id < vocabSize; id++) {
            allowed += (Elements.i64(masks, row.mask() + id / 64) & 1L << id) == 0 ? 0 : 1;
        }
        Arguments.range(where, "suppressedCount", row.suppressedCount(), 0, allowed - 1L);
    }

    private static void finite(String where, String what, double value) {
        require(Double.isFinite(value), where, what, value);
    }

    private static void require(boolean holds, String where, String what, double found) {
        if (!holds) {
            throw Arguments.refused(where, what, "a number in its stated range", Double.toString(found));
        }
    }
}
