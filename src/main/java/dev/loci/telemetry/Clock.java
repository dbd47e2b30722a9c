package dev.loci.telemetry;

import java.time.Instant;
import java.util.concurrent.TimeUnit;

/// Times of day for readings of [System#nanoTime]: both were read at one moment.
record Clock(long nanos, long epochNanos) {
    static Clock now() {
        Instant now = Instant.now();
        return new Clock(System.nanoTime(), TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano());
    }

    long epoch(long nanoTime) {
        return epochNanos + (nanoTime - nanos);
    }

    static double seconds(long nanos) {
        return nanos / 1e9;
    }
}
