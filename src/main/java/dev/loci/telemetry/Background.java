package dev.loci.telemetry;

import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/// Runs in order, on a thread of its own, what must not hold the engine up. Handing over takes no lock.
@Singleton
final class Background {
    private static final Logger LOG = Logger.getLogger(Background.class);

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final Thread thread =
            Thread.ofPlatform().daemon().name("loci-telemetry").unstarted(this::work);
    private volatile boolean closed;

    Background() {
        thread.start();
    }

    void run(Runnable task) {
        tasks.add(task);
        LockSupport.unpark(thread);
    }

    private void work() {
        while (!closed || !tasks.isEmpty()) {
            Runnable task = tasks.poll();
            if (task == null) {
                LockSupport.park(this);
            } else {
                run(task, LOG);
            }
        }
    }

    private static void run(Runnable task, Logger log) {
        try {
            task.run();
        } catch (RuntimeException | Error e) { // one lost record, and not all that come after it
            log.error("telemetry of a request or step is lost", e);
        }
    }

    @PreDestroy
    void close() throws InterruptedException {
        closed = true;
        LockSupport.unpark(thread);
        thread.join();
    }
}
