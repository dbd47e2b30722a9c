package dev.loci.perf;

/// How one request ended. Times as [System#nanoTime] counts.
/// @param key          on whose behalf
/// @param status       HTTP status; 0 where no answer came
/// @param reason       of a refusal or failure; empty otherwise
/// @param firstNanos   when the first output that is not empty came; 0 where none came
/// @param tokens       new tokens, as the server counts them, or else outputs
/// @param outputs      events with output
/// @param inWindow     of those, the ones in the window that is measured
/// @param cachedTokens prompt tokens that the server had in its prefix cache
/// @param retryAfter   seconds, -1 where the answer names none
record Outcome(
        String key,
        Kind kind,
        int status,
        String reason,
        long sentNanos,
        long firstNanos,
        long endNanos,
        int tokens,
        int outputs,
        int inWindow,
        int promptTokens,
        int cachedTokens,
        int retryAfter) {
    enum Kind {
        OK,
        /// The driver left, as it meant to.
        CANCELLED,
        /// 429 or 503.
        REFUSED,
        FAILED
    }

    boolean hasFirst() {
        return firstNanos != 0;
    }

    double ttftMillis() {
        return (firstNanos - sentNanos) / 1e6;
    }

    boolean hasTpot() {
        return kind == Kind.OK && hasFirst() && tokens > 1;
    }

    double tpotMillis() {
        return (endNanos - firstNanos) / 1e6 / (tokens - 1);
    }

    /// New tokens that came in the window: the counted ones in proportion to the outputs that came in it.
    double tokensInWindow() {
        return outputs == 0 ? 0 : (double) tokens * inWindow / outputs;
    }
}
