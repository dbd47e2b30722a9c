package dev.loci.api.openai;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/// What the server grants requests.
/// @param maxChoices generations of one prompt at most
/// @param timeout    from submission to the last event of each generation; empty for no end
/// @param bodyBytes  memory of all bodies together that are being decoded
public record RequestLimits(int maxChoices, Optional<Duration> timeout, long bodyBytes) {
    /// Leaves most of the heap to what is decoded. Asked for when it is needed: a constant would be the heap of the
    /// machine that built a native executable.
    public static long defaultBodyBytes() {
        return Runtime.getRuntime().maxMemory() / 4;
    }

    public static RequestLimits defaults() {
        return new RequestLimits(16, Optional.empty(), defaultBodyBytes());
    }

    public RequestLimits {
        Objects.requireNonNull(timeout, "timeout");
        requireAtLeast1(maxChoices, "max choices");
        requireAtLeast1(bodyBytes, "body bytes");
    }

    private static void requireAtLeast1(long value, String what) {
        if (value < 1) {
            throw new IllegalArgumentException(what + ": expected at least 1, found " + value);
        }
    }
}
