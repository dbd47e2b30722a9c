package dev.loci.engine;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// Who is let in: bounds requests and waiting prompt tokens before any work is done on them. Thread-safe.
///
/// A full server still lets in a key that has less than its even share, so that one key cannot shut out the others;
/// what is in stays below 1 + ln n times the bounds, n being the keys that have something in.
final class Admission {
    private static final double SMOOTHING = 0.1;
    private static final long MAX_RETRY_SECONDS = 60;

    /// What one key has in.
    private static final class Held {
        private int requests;
        private long waitingTokens;
    }

    private final long maxRequests;
    private final long maxTokens;
    private final LongSupplier clock;
    private final Map<String, Held> keys = new HashMap<>();
    private int requests;
    private int waiting;
    private long waitingTokens;
    private double secondsEach;
    private long measuredFrom;

    /// @param maxRequests that run or wait at most
    /// @param maxTokens   of prompts that wait at most
    /// @param clock       nanoseconds, as [System#nanoTime] counts them
    Admission(long maxRequests, long maxTokens, LongSupplier clock) {
        this.maxRequests = maxRequests;
        this.maxTokens = maxTokens;
        this.clock = clock;
    }

    /// Lets requests in, to wait: all of them or none. Prompts of any length get in where nothing waits.
    /// @param promptTokens of all of them
    /// @throws EngineException where there is no room
    synchronized void enter(String key, int count, long promptTokens) {
        Held held = keys.getOrDefault(key, new Held());
        int shares = keys.size() + (keys.containsKey(key) ? 0 : 1);
        if ((long) requests + count > maxRequests && (long) held.requests + count > maxRequests / shares) {
            throw EngineException.queueFull(
                    "requests",
                    "at most " + maxRequests,
                    requests + (count == 1 ? "" : " and " + count + " more"),
                    retrySeconds());
        }
        boolean fits = waitingTokens + promptTokens <= maxTokens || waiting == 0;
        if (!fits && held.waitingTokens + promptTokens > maxTokens / shares) {
            throw EngineException.queueFull(
                    "prompt tokens that wait",
                    "at most " + maxTokens,
                    waitingTokens + " and " + promptTokens + " more",
                    retrySeconds());
        }
        if (requests == 0) {
            // time without anything to do is nobody's time of service
            measuredFrom = clock.getAsLong();
        }
        keys.put(key, held);
        held.requests += count;
        held.waitingTokens += promptTokens;
        requests += count;
        waiting += count;
        waitingTokens += promptTokens;
    }

    /// A request begins to run.
    synchronized void start(String key, int promptTokens) {
        keys.get(key).waitingTokens -= promptTokens;
        waiting--;
        waitingTokens -= promptTokens;
    }

    /// A request that ran has ended.
    synchronized void end(String key) {
        long now = clock.getAsLong();
        double elapsed = (now - measuredFrom) / 1e9;
        secondsEach = secondsEach == 0 ? elapsed : secondsEach + SMOOTHING * (elapsed - secondsEach);
        measuredFrom = now;
        leave(key);
    }

    /// A request has ended that never ran.
    synchronized void giveUp(String key, int promptTokens) {
        start(key, promptTokens);
        leave(key);
    }

    /// Most requests that may run or wait, of one key that is alone.
    long maxRequests() {
        return maxRequests;
    }

    /// Requests that run or wait.
    synchronized int requests() {
        return requests;
    }

    private void leave(String key) {
        requests--;
        if (--keys.get(key).requests == 0) {
            keys.remove(key);
        }
    }

    /// Seconds until what is in now has ended, at the pace of late.
    private long retrySeconds() {
        return Math.clamp((long) Math.ceil(requests * secondsEach), 1, MAX_RETRY_SECONDS);
    }
}
