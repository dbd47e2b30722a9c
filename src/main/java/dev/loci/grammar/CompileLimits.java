package dev.loci.grammar;

import java.time.Duration;
import java.util.Objects;

/// What compiling grammars may take of the machine.
/// @param atOnce  grammars that are compiled at the same time
/// @param waiting grammars that may wait for that
/// @param turn    how long each of them waits for its turn
/// @param compile how long one may be compiled
public record CompileLimits(int atOnce, int waiting, Duration turn, Duration compile) {
    public CompileLimits {
        Objects.requireNonNull(turn, "turn");
        Objects.requireNonNull(compile, "compile");
        if (atOnce < 1 || waiting < 0) {
            throw new IllegalArgumentException(
                    "compile limits: expected at least 1 at once and 0 waiting, found " + atOnce + " and " + waiting);
        }
    }

    /// On half of this machine's cores, or on the only one.
    public static CompileLimits defaults() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new CompileLimits(Math.max(1, cores / 2), 64, Duration.ofSeconds(10), Duration.ofSeconds(5));
    }
}
