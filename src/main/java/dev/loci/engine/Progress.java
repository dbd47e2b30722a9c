package dev.loci.engine;

import java.util.Objects;
import java.util.Optional;

/// How far a generation has come. Times are [System#nanoTime]'s, 0 for what has not happened (yet).
/// @param submitted        when it was taken in
/// @param started          when it had its first pages
/// @param firstToken       when its first new token was drawn
/// @param ended            when its last event was told
/// @param cachedTokens     prompt tokens whose keys and values were there already
/// @param completionTokens new tokens so far
/// @param preemptions      times that it gave its pages back
/// @param reason           why it ended, where it was not for a failure
/// @param failure          the failure that ended it
public record Progress(
        long submitted,
        long started,
        long firstToken,
        long ended,
        int promptTokens,
        int cachedTokens,
        int completionTokens,
        int preemptions,
        Optional<GenerationEvent.Reason> reason,
        Optional<GenerationEvent.Cause> failure) {
    public Progress {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(failure, "failure");
    }

    /// Whether it ended as its request asked.
    public boolean succeeded() {
        return reason.isPresent() && reason.get() != GenerationEvent.Reason.CANCELLED;
    }
}
