package dev.loci.engine;

import java.util.HashMap;
import java.util.Map;

/// Who may wait: bounds requests and prompt tokens before any work is done on them. Thread-safe.
///
/// A full queue still takes in a key that holds less than its even share of it, so that one key cannot shut out the others;
/// what waits stays below twice the bounds.
final class Admission {
    private static final double SMOOTHING = 0.1;
    private static final long MAX_RETRY_SECONDS = 60;

    private final int maxRequests;
    private final long maxTokens;
    private final Map<String, Integer> requestsByKey = new HashMap<>();
    private final Map<String, Long> tokensByKey = new HashMap<>();
    private int requests;
    private long tokens;
    private double secondsEach;
    private long lastStart;

    /// @param maxRequests that wait at most
    /// @param maxTokens   of prompts that wait at most
    Admission(int maxRequests, long maxTokens) {
        this.maxRequests = maxRequests;
        this.maxTokens = maxTokens;
    }

    /// Counts a request in.
    /// @throws EngineException where there is no room
    synchronized void enter(String key, int promptTokens) {
        int keys = requestsByKey.size() + (requestsByKey.containsKey(key) ? 0 : 1);
        int ofKey = requestsByKey.getOrDefault(key, 0);
        if (requests >= maxRequests && ofKey >= maxRequests / keys) {
            throw EngineException.queueFull(
                    "waiting requests", "at most " + maxRequests, Integer.toString(requests), retrySeconds());
        }
        long tokensOfKey = tokensByKey.getOrDefault(key, 0L);
        boolean tokensFit = tokens + promptTokens <= maxTokens || requests == 0;
        if (!tokensFit && tokensOfKey + promptTokens > maxTokens / keys) {
            throw EngineException.queueFull(
                    "prompt tokens that wait",
                    "at most " + maxTokens,
                    tokens + " and " + promptTokens + " more",
                    retrySeconds());
        }
        requests++;
        tokens += promptTokens;
        requestsByKey.merge(key, 1, Integer::sum);
        tokensByKey.merge(key, (long) promptTokens, Long::sum);
    }

    /// Counts a request out that has begun to run.
    synchronized void start(String key, int promptTokens) {
        long now = System.nanoTime();
        if (requests > 1 && lastStart != 0) {
            double elapsed = (now - lastStart) / 1e9;
            secondsEach = secondsEach == 0 ? elapsed : secondsEach + SMOOTHING * (elapsed - secondsEach);
        }
        lastStart = now;
        leave(key, promptTokens);
    }

    /// Counts a request out that ended while it waited.
    synchronized void leave(String key, int promptTokens) {
        requests--;
        tokens -= promptTokens;
        requestsByKey.computeIfPresent(key, (ignored, count) -> count == 1 ? null : count - 1);
        tokensByKey.computeIfPresent(key, (ignored, count) -> count == promptTokens ? null : count - promptTokens);
    }

    synchronized int waiting() {
        return requests;
    }

    /// Seconds until what waits now has begun to run, at the pace of late.
    private long retrySeconds() {
        return Math.clamp((long) Math.ceil(requests * secondsEach), 1, MAX_RETRY_SECONDS);
    }
}
