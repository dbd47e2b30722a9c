package dev.loci.grammar;

import java.time.Duration;
import java.util.Objects;

/// What compiling grammars may take of the machine.
/// @param atOnce  grammars that are compiled at the same time
/// @param waiting grammars that may wait for that
/// @param turn    how long each of them waits for its turn
/// @param compile how long one may be compiled
public record CompileLimits(int atOnce, int waiting, Duration turn, Duration compile) {
    /// Leaves the step loop at least half of the cores.
    public static final CompileLimits DEFAULT = new CompileLimits(
            Math.max(1, Runtime.getRuntime().availableProcessors() / 2),
            64,
            Duration.ofSeconds(10),
            Duration.ofSeconds(5));

    public CompileLimits {
        Objects.requireNonNull(turn, "turn");
        Objects.requireNonNull(compile, "compile");
        if (atOnce < 1 || waiting < 0) {
            throw new IllegalArgumentException(
                    "compile limits: expected at least 1 at once and 0 waiting, found " + atOnce + " and " + waiting);
        }
    }
}
