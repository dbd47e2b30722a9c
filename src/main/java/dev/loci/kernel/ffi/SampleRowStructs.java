package dev.loci.kernel.ffi;

import dev.loci.kernel.SampleRow;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// An array of `loci_sample_row`, written anew for each call; it doubles when it is too short.
final class SampleRowStructs {
    private static final long TEMPERATURE_OFFSET = 0;
    private static final long TOP_P_OFFSET = TEMPERATURE_OFFSET + Double.BYTES;
    private static final long MIN_P_OFFSET = TOP_P_OFFSET + Double.BYTES;
    private static final long REPETITION_PENALTY_OFFSET = MIN_P_OFFSET + Double.BYTES;
    private static final long PRESENCE_PENALTY_OFFSET = REPETITION_PENALTY_OFFSET + Double.BYTES;
    private static final long FREQUENCY_PENALTY_OFFSET = PRESENCE_PENALTY_OFFSET + Double.BYTES;
    private static final long DRAW_OFFSET = FREQUENCY_PENALTY_OFFSET + Double.BYTES;
    private static final long HISTORY_OFFSET = DRAW_OFFSET + Double.BYTES;
    private static final long BIAS_OFFSET = HISTORY_OFFSET + Long.BYTES;
    private static final long SUPPRESSED_OFFSET = BIAS_OFFSET + Long.BYTES;
    private static final long MASK_OFFSET = SUPPRESSED_OFFSET + Long.BYTES;
    private static final long GIVEN_OFFSET = MASK_OFFSET + Long.BYTES;
    private static final long TOP_K_OFFSET = GIVEN_OFFSET + Integer.BYTES;
    private static final long ALTERNATIVES_OFFSET = TOP_K_OFFSET + Integer.BYTES;
    private static final long PROMPT_COUNT_OFFSET = ALTERNATIVES_OFFSET + Integer.BYTES;
    private static final long ANSWER_COUNT_OFFSET = PROMPT_COUNT_OFFSET + Integer.BYTES;
    private static final long BIAS_COUNT_OFFSET = ANSWER_COUNT_OFFSET + Integer.BYTES;
    private static final long SUPPRESSED_COUNT_OFFSET = BIAS_COUNT_OFFSET + Integer.BYTES;
    private static final long MASKED_OFFSET = SUPPRESSED_COUNT_OFFSET + Integer.BYTES;
    static final long BYTES = MASKED_OFFSET + Integer.BYTES;

    private final Arena arena;
    private MemorySegment array;

    SampleRowStructs(Arena arena) {
        this.arena = arena;
        this.array = arena.allocate(32 * BYTES, Double.BYTES);
    }

    MemorySegment of(List<SampleRow> rows) {
        long bytes = rows.size() * BYTES;
        if (bytes > array.byteSize()) {
            array = arena.allocate(Math.max(bytes, 2 * array.byteSize()), Double.BYTES);
        }
        for (int i = 0; i < rows.size(); i++) {
            write(i * BYTES, rows.get(i));
        }
        return array.asSlice(0, bytes);
    }

    private void write(long at, SampleRow row) {
        f64(at + TEMPERATURE_OFFSET, row.temperature());
        f64(at + TOP_P_OFFSET, row.topP());
        f64(at + MIN_P_OFFSET, row.minP());
        f64(at + REPETITION_PENALTY_OFFSET, row.repetitionPenalty());
        f64(at + PRESENCE_PENALTY_OFFSET, row.presencePenalty());
        f64(at + FREQUENCY_PENALTY_OFFSET, row.frequencyPenalty());
        f64(at + DRAW_OFFSET, row.draw());
        i64(at + HISTORY_OFFSET, row.history());
        i64(at + BIAS_OFFSET, row.bias());
        i64(at + SUPPRESSED_OFFSET, row.suppressed());
        i32(at + GIVEN_OFFSET, row.given());
        i32(at + TOP_K_OFFSET, row.topK());
        i32(at + ALTERNATIVES_OFFSET, row.alternatives());
        i32(at + PROMPT_COUNT_OFFSET, row.promptCount());
        i32(at + ANSWER_COUNT_OFFSET, row.answerCount());
        i32(at + BIAS_COUNT_OFFSET, row.biasCount());
        i32(at + SUPPRESSED_COUNT_OFFSET, row.suppressedCount());
        i64(at + MASK_OFFSET, Math.max(0, row.mask()));
        i32(at + MASKED_OFFSET, row.mask() < 0 ? 0 : 1);
    }

    private void f64(long offset, double value) {
        array.set(ValueLayout.JAVA_DOUBLE, offset, value);
    }

    private void i64(long offset, long value) {
        array.set(ValueLayout.JAVA_LONG, offset, value);
    }

    private void i32(long offset, int value) {
        array.set(ValueLayout.JAVA_INT, offset, value);
    }
}
