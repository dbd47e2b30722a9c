package dev.loci.engine;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/// Where the time of an engine's steps went since its start, and how large they were.
/// @param stageNanos    forward passes, by the stage's name in small letters
/// @param samplingNanos drawing and scoring of tokens
/// @param stepNanos     how long steps took
/// @param tokens        how many tokens they had
/// @param sequences     how many sequences took part
/// @param gapNanos      between a sequence's tokens
/// @param tables        what each memory layer's gathers cost
public record StepStats(
        Map<String, Long> stageNanos,
        long samplingNanos,
        Distribution stepNanos,
        Distribution tokens,
        Distribution sequences,
        Distribution gapNanos,
        List<Table> tables) {
    public StepStats {
        stageNanos = Map.copyOf(stageNanos);
        tables = List.copyOf(tables);
    }

    /// @param nanos       from the start of a gather to its end
    /// @param majorFaults of the process meanwhile, as far as they were looked for
    public record Table(long nanos, long majorFaults) {}

    /// @param bounds upper, inclusive, ascending
    /// @param counts one more than bounds: the last is of what lies above them
    @SuppressWarnings("ArrayRecordComponent") // copied on the way in and out; nobody compares distributions
    public record Distribution(long[] bounds, long[] counts, long sum) {
        public Distribution {
            bounds = bounds.clone();
            counts = counts.clone();
        }

        @Override
        public long[] bounds() {
            return bounds.clone();
        }

        @Override
        public long[] counts() {
            return counts.clone();
        }

        public long count() {
            return Arrays.stream(counts).sum();
        }
    }
}
