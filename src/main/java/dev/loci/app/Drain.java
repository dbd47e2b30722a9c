package dev.loci.app;

import dev.loci.api.openai.OpenCalls;
import java.time.Duration;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/// Ends a server's work without breaking an answer off: nothing new is taken in, what is under way goes on until it
/// has ended or the limit has passed, and what is left then ends with an error that says so.
final class Drain {
    private static final Logger LOG = Logger.getLogger("dev.loci");
    /// For bytes on their way to clients after the last event.
    private static final Duration WRITING = Duration.ofSeconds(2);

    private final Predicate<Duration> engine;
    private final OpenCalls calls;

    /// @param engine takes nothing in any more, and waits so long at most; whether it has nothing left to do
    Drain(Predicate<Duration> engine, OpenCalls calls) {
        this.engine = engine;
        this.calls = calls;
    }

    void run(Duration limit) throws InterruptedException {
        long start = System.nanoTime();
        int count = calls.count();
        if (count > 0) {
            LOG.info("stopping, requests under way: " + count + ", which have " + limit.toMillis() + " ms");
        }
        boolean ended = engine.test(limit);
        Duration left = limit.minusNanos(System.nanoTime() - start);
        Duration reading = left.compareTo(WRITING) > 0 ? left : WRITING;
        if (!calls.awaitNone(ended ? reading : Duration.ZERO)) {
            LOG.warn("stopping, requests under way after the limit: " + calls.count() + ", which are broken off");
            calls.cancelAll();
            calls.awaitNone(WRITING);
        }
    }
}
