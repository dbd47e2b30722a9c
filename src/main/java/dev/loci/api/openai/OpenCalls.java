package dev.loci.api.openai;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/// Calls whose answer is not written yet. Thread-safe.
@Singleton
public final class OpenCalls {
    private final Lock lock = new ReentrantLock();
    private final Condition none = lock.newCondition();
    private final Set<Call> calls = new HashSet<>();

    OpenCalls() {}

    void add(Call call) {
        lock.lock();
        try {
            calls.add(call);
        } finally {
            lock.unlock();
        }
    }

    void remove(Call call) {
        lock.lock();
        try {
            calls.remove(call);
            if (calls.isEmpty()) {
                none.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    public int count() {
        lock.lock();
        try {
            return calls.size();
        } finally {
            lock.unlock();
        }
    }

    /// Waits until every answer is written to its end, or its client is gone.
    /// @return whether that was within the limit
    public boolean awaitNone(Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        lock.lock();
        try {
            while (!calls.isEmpty() && left > 0) {
                left = none.awaitNanos(left);
            }
            return calls.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /// Ends the generations; each answer then ends with an error.
    public void cancelAll() {
        lock.lock();
        try {
            calls.forEach(Call::cancel);
        } finally {
            lock.unlock();
        }
    }
}
