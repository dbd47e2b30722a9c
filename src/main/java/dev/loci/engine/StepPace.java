package dev.loci.engine;

import java.time.Duration;
import java.util.Optional;

/// How many tokens a step may have to end in time, by how long the last ones took. Owned by the step loop thread.
///
/// The chunks of prompts are what it bounds. Who comes while a step runs waits for its end, and whoever draws tokens
/// gets one a step: long steps are felt by all.
final class StepPace {
    /// Tokens of prompts that fit in any case: fewer cost almost as much, for the weights are read for them too.
    static final int LEAST_PROMPT = 64;

    private static final int LEAST_MEASURED = 32;
    private static final double SMOOTHING = 0.2;
    /// A step that was held up by something else says little about the next.
    private static final double GREATEST_RISE = 2;

    private final long limitNanos;
    private double nanosEach;

    /// @param limit of a step; empty for none
    StepPace(Optional<Duration> limit) {
        this.limitNanos = limit.map(Duration::toNanos).orElse(Long.MAX_VALUE);
    }

    /// @param drawing sequences that have one token each in the step, whatever it takes
    /// @return tokens that fit into the step, those of the drawing ones among them
    int tokens(int drawing, int maxTokens) {
        if (nanosEach == 0 || limitNanos == Long.MAX_VALUE) {
            return maxTokens;
        }
        double fitting = Math.min(maxTokens, limitNanos / nanosEach);
        return Math.min(maxTokens, Math.max(drawing + LEAST_PROMPT, (int) fitting));
    }

    /// A step has run.
    void ran(int tokens, long nanos) {
        if (tokens < LEAST_MEASURED) {
            return;
        }
        double each = (double) nanos / tokens;
        if (nanosEach == 0) {
            nanosEach = each;
        } else {
            nanosEach += SMOOTHING * (Math.min(each, GREATEST_RISE * nanosEach) - nanosEach);
        }
    }
}
