package dev.loci.engine;

import dev.loci.kernel.MappedMemory;
import dev.loci.model.ForwardPass;
import dev.loci.model.StepBatch;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;

/// The one thread that owns all sequence state: takes requests in, lets [Scheduler] plan a step, runs it, hands out
/// what came of it.
final class StepLoop implements Runnable {
    private static final System.Logger LOG = System.getLogger(StepLoop.class.getName());
    private static final int NO_TRACE = -1;
    private static final String SHUTTING_DOWN = "the server is shutting down";
    private static final String BROKEN = "the step loop broke off, the log says why: restart";
    private static final String SHRUNK = "a file of the model shrank while it was mapped: restart after restoring it";

    private final ForwardPass pass;
    private final KvCache cache;
    private final BatchSampler sampler;
    private final MappedMemory memory;
    private final long faultsAtStart;
    private final Arena arena = Arena.ofShared();
    private final StepBatch batch;
    private final Scheduler scheduler;
    private final Admission admission;
    private final StepCounters counters;
    private final StepClock clock = new StepClock();
    private final StepView view;
    private final Optional<StoredPrefixes> stored;
    private final List<Sequence> outputSequences = new ArrayList<>();
    private final int[] outputPositions;
    private final int[] outputTraces;
    private final boolean[] skipped = new boolean[ForwardPass.LOGIT_ROWS];
    private final ConcurrentLinkedQueue<Sequence> submitted = new ConcurrentLinkedQueue<>();
    private final Object idleMonitor = new Object();
    private volatile boolean idle = true;
    private volatile boolean closing;
    private volatile boolean ended;
    private volatile Optional<String> damage = Optional.empty();
    private volatile Thread thread;
    private volatile EngineObserver observer = EngineObserver.NONE;

    StepLoop(
            ForwardPass pass,
            KvCache cache,
            BatchSampler sampler,
            MappedMemory memory,
            Admission admission,
            StepCounters counters,
            Optional<StoredPrefixes> stored,
            EngineOptions options) {
        this.pass = pass;
        this.cache = cache;
        this.sampler = sampler;
        this.memory = memory;
        this.faultsAtStart = memory.faults();
        this.batch = new StepBatch(arena, options.stepTokens());
        this.admission = admission;
        this.counters = counters;
        this.stored = stored;
        this.scheduler = new Scheduler(cache, admission, counters, stored, options);
        this.outputPositions = new int[options.stepTokens()];
        this.outputTraces = new int[options.stepTokens()];
        this.view = new StepView(batch, counters);
        pass.listener(clock);
    }

    /// From the next step on.
    void observer(EngineObserver engineObserver) {
        observer = engineObserver;
    }

    StepClock clock() {
        return clock;
    }

    Thread start() {
        thread = Thread.ofPlatform().name("loci-step").start(this);
        return thread;
    }

    /// Takes a sequence that [Admission] has let in.
    void submit(Sequence sequence) {
        submitted.add(sequence);
        wake();
        if (ended && submitted.remove(sequence)) {
            refuse(sequence, GenerationEvent.Cause.STOPPING, SHUTTING_DOWN);
        }
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    /// Ends the loop after the current step; what runs or waits fails.
    void close() {
        closing = true;
        wake();
    }

    /// Waits until nothing runs or waits.
    /// @return whether that came within the limit
    boolean awaitIdle(Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        synchronized (idleMonitor) {
            while (admission.requests() > 0 || counters.running() > 0) {
                long millis = (end - System.nanoTime()) / 1_000_000;
                if (millis <= 0) {
                    return false;
                }
                idleMonitor.wait(millis);
            }
            return true;
        }
    }

    /// Told each time: paused sequences end while the loop is idle.
    private void setIdle(boolean now) {
        if (idle || now) {
            synchronized (idleMonitor) {
                idle = now;
                idleMonitor.notifyAll();
            }
        }
    }

    boolean closing() {
        return closing;
    }

    Optional<String> damage() {
        return damage;
    }

    @Override
    public void run() {
        String last = BROKEN;
        GenerationEvent.Cause cause = GenerationEvent.Cause.DAMAGED;
        try {
            while (!closing) {
                takeIn();
                if (!scheduler.active().isEmpty()) {
                    setIdle(false);
                    step();
                } else if (scheduler.waiting() == 0 && submitted.isEmpty() && !closing) {
                    counters.idle();
                    setIdle(true);
                    LockSupport.parkNanos(this, scheduler.pausedTimeLeft(System.nanoTime()));
                }
            }
            last = SHUTTING_DOWN;
            cause = GenerationEvent.Cause.STOPPING;
        } finally {
            if (!closing) {
                damage = Optional.of(last);
            }
            ended = true;
            failAll(cause, last);
            setIdle(true);
            arena.close();
        }
    }

    private void takeIn() {
        scheduler.observer(observer);
        if (!submitted.isEmpty()) {
            setIdle(false);
        }
        for (Sequence next = submitted.poll(); next != null; next = submitted.poll()) {
            if (damage.isPresent() || !lookUp(next)) {
                scheduler.add(next);
            }
        }
        if (damage.isPresent()) {
            failAll(GenerationEvent.Cause.DAMAGED, damage.get());
            return;
        }
        scheduler.sweep(System.nanoTime());
        scheduler.admit();
        goOnWithForced();
        endScored();
        scheduler.sweep(System.nanoTime());
        publish();
    }

    /// Sends a sequence to look its prompt up outside, once, where the cache does not have all of it.
    /// @return whether it is on its way; it comes back through [#submit]
    private boolean lookUp(Sequence sequence) {
        if (stored.isEmpty() || sequence.lookedUp()) {
            return false;
        }
        int limit = sequence.reusableTokens();
        int held = cache.reusable(sequence.ids(), limit);
        if (held + KvCache.PAGE_TOKENS > limit) {
            return false;
        }
        return stored.get().load(sequence, held, limit, this::submit);
    }

    private void publish() {
        counters.state(scheduler.active().size(), cache.freePages(), cache.idlePages(), scheduler.preemptions());
    }

    private void step() {
        counters.stepBegins();
        clock.observer(observer);
        clock.began();
        view.clear();
        try {
            List<Sequence> plan = scheduler.plan();
            fill(plan);
            view.show(plan);
            pass.run(batch, cache);
            if (memory.faults() > faultsAtStart) {
                damage = Optional.of(SHRUNK);
                LOG.log(System.Logger.Level.ERROR, SHRUNK);
                return;
            }
            scheduler.ran(counters.sinceStepBegan());
            handOut();
            endScored();
        } catch (InternalError e) {
            // The JVM's own word for a mapped page that is gone.
            damage = Optional.of(SHRUNK);
            LOG.log(System.Logger.Level.ERROR, SHRUNK, e);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a step failed; its requests are ended", e);
            for (Sequence sequence : scheduler.active()) {
                sequence.fail(GenerationEvent.Cause.STEP, "the engine could not run this step");
            }
        } finally {
            counters.stepEnds(batch.tokens());
            clock.ended(view);
        }
    }

    private void fill(List<Sequence> plan) {
        batch.clear();
        outputSequences.clear();
        for (int place = 0; place < plan.size(); place++) {
            Sequence sequence = plan.get(place);
            for (int i = 0; i < sequence.planned(); i++) {
                int position = sequence.computed() + i;
                boolean output = sequence.wantsLogits(position);
                batch.add(sequence.row(), sequence.id(position), position, output);
                if (output) {
                    outputPositions[outputSequences.size()] = position;
                    outputTraces[outputSequences.size()] = sequence.wantsTrace(position) ? batch.traceLast() : NO_TRACE;
                    outputSequences.add(sequence);
                }
            }
            sequence.advance(sequence.planned());
        }
    }

    private void handOut() {
        int outputs = batch.outputs();
        for (int first = 0; first < outputs; first += ForwardPass.LOGIT_ROWS) {
            int count = Math.min(ForwardPass.LOGIT_ROWS, outputs - first);
            sampler.clear();
            for (int i = 0; i < count; i++) {
                skipped[i] = !ask(outputSequences.get(first + i), outputPositions[first + i], outputs == 1);
            }
            sampler.run(pass.logits(first, count));
            long now = System.nanoTime();
            for (int i = 0; i < count; i++) {
                if (!skipped[i]) {
                    take(first + i, i, now);
                }
            }
            clock.endedSampling();
        }
        flush();
    }

    /// Asks the sampler for a sequence's next token. One whose mask is not ready waits for the next step rather than
    /// hold up the others; one that is alone waits for its mask. Tokens that have to follow need no logits.
    /// @return whether an answer will be there for it
    private boolean ask(Sequence sequence, int position, boolean alone) {
        try {
            if (alone) {
                sequence.awaitMask(position);
            }
            if (force(sequence)) {
                sequence.leave(sampler);
                return false;
            }
            if (!sequence.waitsForMask(position)) {
                sequence.ask(position, sampler);
                return true;
            }
        } catch (RuntimeException e) {
            failGrammar(sequence, e);
        }
        sequence.skip(sampler);
        return false;
    }

    /// Appends what has to follow the last tokens, so that it goes through the model together with them.
    private void goOnWithForced() {
        outputSequences.clear();
        List<Sequence> active = scheduler.active();
        for (int i = 0; i < active.size(); i++) {
            Sequence sequence = active.get(i);
            try {
                if (sequence.answering() && force(sequence)) {
                    outputSequences.add(sequence);
                }
            } catch (RuntimeException e) {
                failGrammar(sequence, e);
            }
        }
        flush();
    }

    private static void failGrammar(Sequence sequence, RuntimeException e) {
        LOG.log(System.Logger.Level.ERROR, "a request failed and is ended", e);
        sequence.fail(GenerationEvent.Cause.STEP, "the answer cannot be held to its grammar: " + e.getMessage());
    }

    /// @return whether a token had to follow
    private boolean force(Sequence sequence) {
        boolean forced = false;
        while (sequence.forced()) {
            forced = true;
            sequence.takeForced();
            counters.forced();
            counters.drew();
            clock.drew(sequence.drew(System.nanoTime()));
        }
        return forced;
    }

    /// Lets those who hand events on to other threads do so, once for all events of the step.
    private void flush() {
        Sequence last = null;
        for (int i = 0; i < outputSequences.size(); i++) {
            Sequence next = outputSequences.get(i);
            if (last == null || !next.flushesWith(last)) {
                next.flush();
                last = next;
            }
        }
    }

    /// Hands one answer out; a fault of one request ends that request alone.
    private void take(int output, int answer, long now) {
        Sequence sequence = outputSequences.get(output);
        try {
            List<MemoryHits> memory =
                    outputTraces[output] == NO_TRACE ? List.of() : MemoryHits.of(pass.trace(), outputTraces[output]);
            if (!sequence.finished() && sequence.take(outputPositions[output], sampler, answer, memory)) {
                counters.drew();
                clock.drew(sequence.drew(now));
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a request failed and is ended", e);
            sequence.fail(GenerationEvent.Cause.STEP, "the engine could not go on with this request");
        }
    }

    private void endScored() {
        List<Sequence> active = scheduler.active();
        for (int i = 0; i < active.size(); i++) {
            Sequence sequence = active.get(i);
            if (!sequence.finished() && sequence.ready() == 0) {
                sequence.finishScoring();
            }
        }
    }

    private void failAll(GenerationEvent.Cause cause, String message) {
        for (Sequence sequence : scheduler.everyone()) {
            sequence.fail(cause, message);
        }
        scheduler.sweep(System.nanoTime());
        for (Sequence next = submitted.poll(); next != null; next = submitted.poll()) {
            refuse(next, cause, message);
        }
        publish();
    }

    private void refuse(Sequence sequence, GenerationEvent.Cause cause, String message) {
        admission.giveUp(sequence.request().client().key(), sequence.request().prompt().length);
        sequence.fail(cause, message);
        observer.ended(sequence);
    }
}
