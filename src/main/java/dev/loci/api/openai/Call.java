package dev.loci.api.openai;

import dev.loci.engine.EngineException;
import dev.loci.engine.Generation;
import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// The generations of one HTTP request: their events in one queue, which the engine's thread fills and one other
/// empties: the request's own, or an event loop after [#notify]. [#abandon] and [#cancel] may be called by any thread.
///
/// The engine's thread takes no lock for an event and wakes the request's thread only for what it waits for.
final class Call {
    /// @param index of the generation in its order
    record Emission(int index, GenerationEvent event) {}

    private final ConcurrentLinkedQueue<Emission> events = new ConcurrentLinkedQueue<>();
    private final List<Generation> generations = new CopyOnWriteArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private volatile boolean failed;
    private volatile boolean gone;
    private volatile boolean cancelled;
    private volatile boolean waitsForNext;
    private final Runnable flush;
    private volatile Runnable listener = Call::nobody;
    private volatile Thread owner;

    /// @param flush run after events, and after what [#notify] was given, once for all that come together
    Call(Runnable flush) {
        this.flush = flush;
    }

    private static void nobody() {}

    /// Submits all generations of an order, or none. Once for each call, by the request's thread.
    void submit(Generator generator, Order order) {
        List<GenerationRequest> asked = order.generations();
        order.requireAtMost(generator.maxAtOnce());
        open.set(asked.size());
        List<Generator.Submission> submissions = new ArrayList<>();
        for (int i = 0; i < asked.size(); i++) {
            int index = i;
            submissions.add(new Generator.Submission(asked.get(i), event -> emitted(new Emission(index, event))));
        }
        try {
            generations.addAll(generator.submitAll(submissions, flush));
        } catch (EngineException e) {
            throw ApiException.of(e);
        }
        if (cancelled) {
            // before they were there to be cancelled
            cancel();
        }
    }

    private void emitted(Emission emission) {
        boolean broken = emission.event() instanceof GenerationEvent.Failed;
        boolean ends = broken || emission.event() instanceof GenerationEvent.Finished;
        events.add(emission);
        if (broken) {
            failed = true;
        }
        if (ends) {
            open.decrementAndGet();
        }
        listener.run();
        if (waitsForNext || broken || (ends && open.get() == 0)) {
            LockSupport.unpark(owner);
        }
    }

    /// Waits until there is an event, which [#poll] gives then; empty where the client is gone before it.
    Optional<Emission> awaitNext() {
        waitsForNext = true;
        await(() -> !events.isEmpty());
        waitsForNext = false;
        return gone ? Optional.empty() : Optional.of(events.peek());
    }

    /// Waits until every generation has ended, one has failed, or the client is gone.
    void awaitEnd() {
        await(() -> failed || open.get() == 0);
    }

    /// The request's thread waits for something that the client's going away ends too.
    void await(BooleanSupplier what) {
        owner = Thread.currentThread();
        while (!gone && !what.getAsBoolean()) {
            LockSupport.park(this);
            if (Thread.currentThread().isInterrupted()) {
                cancel();
                throw ApiException.unavailable("stopping", "the server stops");
            }
        }
    }

    /// Lets the request's thread look whether what it waits for has come.
    void wake() {
        LockSupport.unpark(owner);
    }

    /// From now on this is run after each event, by the thread that has it; it must return at once.
    void notify(Runnable whenThereIsMore) {
        listener = whenThereIsMore;
        whenThereIsMore.run();
        flush.run();
    }

    /// The next event, if there is one.
    Optional<Emission> poll() {
        return gone ? Optional.empty() : Optional.ofNullable(events.poll());
    }

    boolean gone() {
        return gone;
    }

    /// The client is gone: ends the generations and wakes whoever waits for them.
    void abandon() {
        gone = true;
        cancel();
        listener.run();
        flush.run();
        wake();
    }

    /// No more events for now, but those under way.
    void pause() {
        generations.forEach(Generation::pause);
    }

    void resume() {
        generations.forEach(Generation::resume);
    }

    void cancel() {
        cancelled = true;
        generations.forEach(Generation::cancel);
    }
}
