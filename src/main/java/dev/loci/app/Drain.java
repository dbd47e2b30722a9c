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
    /// After which a wait looks whether it has been cut short.
    private static final Duration SLICE = Duration.ofMillis(20);

    private final Predicate<Duration> engine;
    private final OpenCalls calls;
    private volatile boolean cut;

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
        boolean ended = engine.test(cut ? Duration.ZERO : limit) && !cut;
        Duration left = limit.minusNanos(System.nanoTime() - start);
        if (!(ended && written(left.compareTo(WRITING) > 0 ? left : WRITING)) && calls.count() > 0) {
            String why = cut ? "when it was cut short: " : "after the limit: ";
            LOG.warn("stopping, requests under way " + why + calls.count() + ", which are broken off");
            calls.cancelAll();
            calls.awaitNone(WRITING);
        }
    }

    /// Waits for answers to be written.
    private boolean written(Duration limit) throws InterruptedException {
        long start = System.nanoTime();
        while (!calls.awaitNone(SLICE)) {
            if (cut || System.nanoTime() - start > limit.toNanos()) {
                return false;
            }
        }
        return true;
    }

    /// Breaks off what is under way, from any thread, before [#run] or during it.
    void cutShort() {
        cut = true;
        calls.cancelAll();
    }
}
