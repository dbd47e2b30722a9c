package dev.loci.engine;

import java.util.concurrent.atomic.AtomicLong;

/// Counts of the step loop, written by its thread and read by any.
final class StepCounters {
    private final AtomicLong steps = new AtomicLong();
    private final AtomicLong tokens = new AtomicLong();
    private final AtomicLong stepNanos = new AtomicLong();
    private final AtomicLong betweenNanos = new AtomicLong();
    private final AtomicLong promptTokens = new AtomicLong();
    private final AtomicLong cachedTokens = new AtomicLong();
    private final AtomicLong generated = new AtomicLong();
    private final AtomicLong forced = new AtomicLong();
    private final AtomicLong preemptions = new AtomicLong();
    private volatile int running;
    private volatile int freePages;
    private volatile int idlePages;
    private long began;
    private long ended;

    void stepBegins() {
        began = System.nanoTime();
        if (ended != 0) {
            add(betweenNanos, began - ended);
        }
    }

    /// When the step began, as [System#nanoTime] gives it; for the step loop's thread.
    long began() {
        return began;
    }

    long sinceStepBegan() {
        return System.nanoTime() - began;
    }

    void stepEnds(int count) {
        ended = System.nanoTime();
        add(stepNanos, ended - began);
        add(tokens, count);
        add(steps, 1);
    }

    /// How long the step took; for the step loop's thread.
    long lastStepNanos() {
        return ended - began;
    }

    /// A request runs for the first time.
    void started(int prompt, int cached) {
        add(promptTokens, prompt);
        add(cachedTokens, cached);
    }

    /// A token was drawn, or had to follow.
    void drew() {
        add(generated, 1);
    }

    /// A token had to follow, and was not drawn.
    void forced() {
        add(forced, 1);
    }

    /// There is no work: what passes until the next step does not lie between steps.
    void idle() {
        ended = 0;
    }

    void state(int nowRunning, int nowFree, int nowIdle, long nowPreempted) {
        running = nowRunning;
        freePages = nowFree;
        idlePages = nowIdle;
        preemptions.setRelease(nowPreempted);
    }

    long steps() {
        return steps.get();
    }

    long tokens() {
        return tokens.get();
    }

    long stepNanos() {
        return stepNanos.get();
    }

    long betweenNanos() {
        return betweenNanos.get();
    }

    long promptTokens() {
        return promptTokens.get();
    }

    long cachedTokens() {
        return cachedTokens.get();
    }

    long generated() {
        return generated.get();
    }

    long forcedTokens() {
        return forced.get();
    }

    long preemptions() {
        return preemptions.get();
    }

    int running() {
        return running;
    }

    int freePages() {
        return freePages;
    }

    int idlePages() {
        return idlePages;
    }

    /// One writer: no atomic read-modify-write is needed.
    private static void add(AtomicLong counter, long more) {
        counter.setRelease(counter.getPlain() + more);
    }
}
