package dev.loci.api.openai;

import io.netty.channel.EventLoop;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// Writes the streams of one event loop. Whoever has something new is entered in a queue, and one task of the loop
/// writes for all: a step that gives sixteen clients a token wakes one thread, once. Thread-safe.
final class StreamWriter {
    private final EventLoop loop;
    private final Queue<EventStream> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();

    StreamWriter(EventLoop loop) {
        this.loop = loop;
    }

    /// The stream has something to write.
    void write(EventStream stream) {
        waiting.add(stream);
        if (scheduled.compareAndSet(false, true)) {
            loop.execute(this::run);
        }
    }

    private void run() {
        scheduled.set(false);
        for (EventStream next = waiting.poll(); next != null; next = waiting.poll()) {
            next.write();
        }
    }
}
