package dev.loci.api.openai;

import dev.loci.engine.EngineException;
import dev.loci.engine.Generation;
import dev.loci.engine.GenerationEvent;
import dev.loci.engine.Generator;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;

/// The generations of one HTTP request: their events in one queue, which the engine's thread fills and the request's
/// thread empties. [#abandon] and [#cancel] may be called by any thread; the rest by the request's.
final class Call {
    /// What the queue holds.
    private sealed interface Signal {
        record Emitted(int index, GenerationEvent event) implements Signal {}

        record Gone() implements Signal {}
    }

    /// @param index of the generation in its order
    record Emission(int index, GenerationEvent event) {}

    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private final Deque<Emission> peeked = new ArrayDeque<>();
    private final List<Generation> generations = new CopyOnWriteArrayList<>();
    private int open;

    /// Submits all generations of an order, or none. Once for each call.
    void submit(Generator generator, Order order) {
        try {
            for (int i = 0; i < order.generations().size(); i++) {
                int index = i;
                generations.add(generator.submit(
                        order.generations().get(i), event -> signals.add(new Signal.Emitted(index, event))));
            }
        } catch (EngineException e) {
            cancel();
            throw ApiException.of(e);
        }
        open = generations.size();
    }

    /// The next event, which [#take] will give again. Waits for it.
    Optional<Emission> peek() {
        Optional<Emission> next = take();
        next.ifPresent(peeked::push);
        return next;
    }

    /// Waits for the next event; empty after the last one of all generations, and once the client is gone.
    Optional<Emission> take() {
        if (!peeked.isEmpty()) {
            return Optional.of(peeked.pop());
        }
        if (open == 0) {
            return Optional.empty();
        }
        try {
            return switch (signals.take()) {
                case Signal.Gone _ -> {
                    open = 0;
                    yield Optional.empty();
                }
                case Signal.Emitted emitted -> {
                    if (emitted.event() instanceof GenerationEvent.Finished
                            || emitted.event() instanceof GenerationEvent.Failed) {
                        open--;
                    }
                    yield Optional.of(new Emission(emitted.index(), emitted.event()));
                }
            };
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            cancel();
            throw ApiException.unavailable("stopping", "the server stops");
        }
    }

    /// The client is gone: ends the generations and wakes whoever waits for them.
    void abandon() {
        cancel();
        signals.add(new Signal.Gone());
    }

    void cancel() {
        generations.forEach(Generation::cancel);
    }
}
