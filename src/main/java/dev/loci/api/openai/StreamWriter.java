package dev.loci.api.openai;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// Writes the streams of one event loop. Whoever has something new is entered in a queue, and after [#flush] one task
/// of
/// the loop writes for all: a step that gives sixteen clients a token wakes one thread, once. Thread-safe.
final class StreamWriter {
    private final EventLoop loop;
    private final Queue<EventStream> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Runnable run = this::run;
    private final Runnable flush = this::flush;

    StreamWriter(EventLoop loop) {
        this.loop = loop;
    }

    /// The stream has something to write, which waits for [#flush].
    void add(EventStream stream) {
        waiting.add(stream);
    }

    /// Lets the event loop write for all that were added.
    void flush() {
        if (!waiting.isEmpty() && scheduled.compareAndSet(false, true)) {
            loop.execute(run);
        }
    }

    /// [#flush], always the same object.
    Runnable flushing() {
        return flush;
    }

    private void run() {
        scheduled.set(false);
        for (EventStream next = waiting.poll(); next != null; next = waiting.poll()) {
            next.write();
        }
    }
}
