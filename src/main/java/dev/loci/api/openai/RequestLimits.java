package dev.loci.api.openai;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/// What the server grants one request.
/// @param maxChoices generations of one prompt at most
/// @param timeout    from submission to the last event of each generation; empty for no end
public record RequestLimits(int maxChoices, Optional<Duration> timeout) {
    public static final RequestLimits DEFAULT = new RequestLimits(16, Optional.empty());

    public RequestLimits {
        Objects.requireNonNull(timeout, "timeout");
        if (maxChoices < 1) {
            throw new IllegalArgumentException("max choices: expected at least 1, found " + maxChoices);
        }
    }
}
