package dev.loci.engine;

import dev.loci.kernel.MappedMemory;
import dev.loci.model.ForwardPass;
import dev.loci.model.StepBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// The one thread that owns all sequence state: takes requests in, fills a step, runs it, hands out what came of it.
///
/// A step holds one token of each sequence that is generating, then prompts in order of arrival until the step is
/// full. A request waits until a row of the page table and pages for its whole length are free, in order of arrival,
/// so no sequence ever stands still for want of memory.
final class StepLoop implements Runnable {
    private static final System.Logger LOG = System.getLogger(StepLoop.class.getName());

    private static final String SHUTTING_DOWN = "the server is shutting down";

    private final ForwardPass pass;
    private final KvCache cache;
    private final MappedMemory memory;
    private final long faultsAtStart;
    private final int vocabSize;
    private final int embeddingRows;
    private final Arena arena = Arena.ofShared();
    private final StepBatch batch;
    private final Sampler sampler;
    private final float[] logits;
    private final List<Sequence> outputSequences = new ArrayList<>();
    private final int[] outputPositions;
    private final ConcurrentLinkedQueue<Sequence> submitted = new ConcurrentLinkedQueue<>();
    private final ArrayDeque<Sequence> queue = new ArrayDeque<>();
    private final List<Sequence> active = new ArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private volatile int running;
    private volatile boolean closing;
    private volatile boolean draining;
    private final CountDownLatch drained = new CountDownLatch(1);
    private volatile boolean ended;
    private volatile Optional<String> damage = Optional.empty();
    private volatile Thread thread;

    StepLoop(
            ForwardPass pass,
            KvCache cache,
            MappedMemory memory,
            int vocabSize,
            int embeddingRows,
            EngineOptions options) {
        this.pass = pass;
        this.cache = cache;
        this.memory = memory;
        this.faultsAtStart = memory.faults();
        this.vocabSize = vocabSize;
        this.embeddingRows = embeddingRows;
        this.batch = new StepBatch(arena, options.stepTokens());
        this.sampler = new Sampler(vocabSize);
        this.logits = new float[vocabSize];
        this.outputPositions = new int[options.stepTokens()];
    }

    Thread start() {
        thread = Thread.ofPlatform().name("loci-step").start(this);
        return thread;
    }

    /// @return whether the sequence was queued; not when `limit` wait or run already
    boolean submit(Sequence sequence, int limit) {
        if (waiting.incrementAndGet() + running > limit) {
            waiting.decrementAndGet();
            return false;
        }
        submitted.add(sequence);
        wake();
        if (ended && submitted.remove(sequence)) {
            waiting.decrementAndGet();
            sequence.fail(SHUTTING_DOWN);
        }
        return true;
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
    /// @return whether that was within the limit
    boolean drain(Duration limit) {
        draining = true;
        wake();
        try {
            return drained.await(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    boolean draining() {
        return draining;
    }

    boolean closing() {
        return closing;
    }

    Optional<String> damage() {
        return damage;
    }

    int running() {
        return running;
    }

    int waiting() {
        return waiting.get();
    }

    @Override
    public void run() {
        try {
            while (!closing) {
                takeIn();
                if (active.isEmpty()) {
                    if (submitted.isEmpty() && queue.isEmpty() && !closing) {
                        if (draining) {
                            drained.countDown();
                        }
                        LockSupport.park(this);
                    }
                } else {
                    step();
                }
            }
        } finally {
            ended = true;
            drained.countDown();
            failAll(SHUTTING_DOWN);
            arena.close();
        }
    }

    private void takeIn() {
        for (Sequence next = submitted.poll(); next != null; next = submitted.poll()) {
            queue.add(next);
        }
        if (damage.isPresent()) {
            failAll(damage.get());
            return;
        }
        dropCancelled();
        while (!queue.isEmpty()) {
            int tokens = queue.peek().tokensToRun();
            int pages = KvCache.pagesFor(tokens);
            if (!cache.hasRoom(pages)) {
                break;
            }
            Sequence sequence = queue.remove();
            waiting.decrementAndGet();
            sequence.assignRow(cache.acquire(pages));
            active.add(sequence);
            if (sequence.ready() == 0) {
                finishScored(sequence);
            }
        }
        active.removeIf(this::releaseIfFinished);
        running = active.size();
    }

    private void dropCancelled() {
        for (Iterator<Sequence> waitingOnes = queue.iterator(); waitingOnes.hasNext(); ) {
            Sequence sequence = waitingOnes.next();
            if (sequence.cancelled()) {
                waitingOnes.remove();
                waiting.decrementAndGet();
                guarded(sequence, sequence::finishCancelled);
            }
        }
        for (Sequence sequence : active) {
            if (sequence.cancelled()) {
                guarded(sequence, sequence::finishCancelled);
            }
        }
        active.removeIf(this::releaseIfFinished);
    }

    private boolean releaseIfFinished(Sequence sequence) {
        if (sequence.finished()) {
            cache.release(sequence.row());
        }
        return sequence.finished();
    }

    private void step() {
        try {
            fill();
            pass.run(batch, cache);
            checkFiles();
            if (damage.isEmpty()) {
                handOut();
            }
        } catch (InternalError e) {
            // The JVM's own word for a mapped page that is gone.
            damage = Optional.of("a file of the model shrank while it was mapped: restart after restoring it");
            LOG.log(System.Logger.Level.ERROR, damage.get(), e);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a step failed; its requests are ended", e);
            for (Sequence sequence : active) {
                guarded(sequence, () -> sequence.fail("the engine could not run this step"));
            }
        }
    }

    private void fill() {
        batch.clear();
        outputSequences.clear();
        for (Sequence sequence : active) {
            if (sequence.ready() == 1) {
                add(sequence, 1);
            }
        }
        for (Sequence sequence : active) {
            int room = batch.maxTokens() - batch.tokens();
            if (sequence.ready() > 1 && room > 0) {
                add(sequence, Math.min(room, sequence.ready()));
            }
        }
    }

    private void add(Sequence sequence, int tokens) {
        for (int i = 0; i < tokens; i++) {
            int position = sequence.computed() + i;
            boolean output = sequence.wantsLogits(position);
            if (output) {
                outputPositions[outputSequences.size()] = position;
                outputSequences.add(sequence);
            }
            batch.add(sequence.row(), sequence.id(position), position, output);
        }
        sequence.advance(tokens);
    }

    private void checkFiles() {
        if (memory.faults() > faultsAtStart) {
            damage = Optional.of("a file of the model shrank while it was mapped: restart after restoring it");
            LOG.log(System.Logger.Level.ERROR, damage.get());
        }
    }

    private void handOut() {
        int outputs = batch.outputs();
        for (int first = 0; first < outputs; first += ForwardPass.LOGIT_ROWS) {
            int count = Math.min(ForwardPass.LOGIT_ROWS, outputs - first);
            MemorySegment rows = pass.logits(first, count);
            for (int i = 0; i < count; i++) {
                MemorySegment.copy(rows, ValueLayout.JAVA_FLOAT, 4L * embeddingRows * i, logits, 0, vocabSize);
                Sequence sequence = outputSequences.get(first + i);
                int position = outputPositions[first + i];
                if (!sequence.finished()) {
                    guarded(sequence, () -> sequence.accept(position, logits, sampler));
                }
            }
        }
        for (Sequence sequence : active) {
            if (!sequence.finished() && sequence.ready() == 0) {
                finishScored(sequence);
            }
        }
    }

    private static void finishScored(Sequence sequence) {
        guarded(sequence, sequence::finishScoring);
    }

    /// Keeps a client's fault, or a sequence's, from ending the loop.
    private static void guarded(Sequence sequence, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a request failed and is ended", e);
            sequence.abandon();
        }
    }

    private void failAll(String message) {
        for (Sequence sequence : active) {
            guarded(sequence, () -> sequence.fail(message));
        }
        active.removeIf(this::releaseIfFinished);
        running = 0;
        for (Sequence next = submitted.poll(); next != null; next = submitted.poll()) {
            queue.add(next);
        }
        for (Sequence sequence : queue) {
            waiting.decrementAndGet();
            guarded(sequence, () -> sequence.fail(message));
        }
        queue.clear();
    }
}
