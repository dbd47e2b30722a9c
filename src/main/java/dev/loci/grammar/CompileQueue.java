package dev.loci.grammar;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Bounds how many grammars are compiled at once, first come, first served: schemas of many clients must not take the
/// cores from the step loop. Thread-safe.
final class CompileQueue {
    private final CompileLimits limits;
    private final Semaphore free;
    /// Compiling and waiting ones.
    private final AtomicInteger inside = new AtomicInteger();

    CompileQueue(CompileLimits limits) {
        this.limits = limits;
        this.free = new Semaphore(limits.atOnce(), true);
    }

    /// Compiles when its turn comes.
    /// @throws GrammarException where too many wait, its turn does not come in time, or compiling takes too long
    <T> T compile(Supplier<T> compiler) {
        try {
            if (inside.incrementAndGet() > limits.atOnce() + limits.waiting()) {
                throw GrammarException.busy("at most " + limits.waiting() + " that wait", "more");
            }
            awaitTurn();
            try {
                return CompileLimit.within(limits.compile(), compiler);
            } finally {
                free.release();
            }
        } finally {
            inside.decrementAndGet();
        }
    }

    private void awaitTurn() {
        boolean turn;
        try {
            turn = free.tryAcquire(limits.turn().toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw GrammarException.busy("a turn", "an interrupt");
        }
        if (!turn) {
            throw GrammarException.busy("a turn within " + limits.turn().toMillis() + " ms", "none");
        }
    }

    /// Grammars that are compiled or wait for it.
    int inside() {
        return inside.get();
    }
}
