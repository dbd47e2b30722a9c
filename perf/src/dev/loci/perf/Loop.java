package dev.loci.perf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// All connections to a server, and what is due when, on one thread with one selector: each wake-up of a driver is
/// taken from the server's cores, and threads of their own for each connection would be woken for each token.
/// Connections are kept, as clients keep them. For the thread that runs it only, actions included.
final class Loop implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private static final class Timer implements Comparable<Timer> {
        private final long due;
        private final Runnable action;

        private Timer(long due, Runnable action) {
            this.due = due;
            this.action = action;
        }

        @Override
        public int compareTo(Timer other) {
            return Long.signum(due - other.due);
        }
    }

    private final class Call {
        private final Client client;
        private final Consumer<Outcome> then;
        private final Timer deadline;
        private Link link;
        private boolean reusesLink;

        private Call(Client client, Consumer<Outcome> then) {
            this.client = client;
            this.then = then;
            this.deadline = at(client.deadline(), () -> end(this, client.timedOut()));
        }
    }

    private final InetSocketAddress address;
    private final Selector selector;
    private final Consumer<SelectionKey> ready = this::ready;
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final Deque<Link> idle = new ArrayDeque<>();
    private final Map<Link, Call> calls = new HashMap<>();
    private final ByteBuffer direct = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final byte[] bytes = new byte[BUFFER_BYTES];

    private Loop(InetSocketAddress address, Selector selector) {
        this.address = address;
        this.selector = selector;
    }

    static Loop open(String host, int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new Arguments.Wrong("--url: expected a host that has an address, found " + host);
        }
        return new Loop(address, Selector.open());
    }

    /// Does something at a time, as [System#nanoTime] counts, or up to a millisecond later.
    void schedule(long nanos, Runnable action) {
        at(nanos, action);
    }

    private Timer at(long nanos, Runnable action) {
        Timer timer = new Timer(nanos, action);
        timers.add(timer);
        return timer;
    }

    /// @param then is given the outcome, and may send again
    void send(Client client, Consumer<Outcome> then) {
        Call call = new Call(client, then);
        Link kept = idle.pollFirst();
        call.reusesLink = kept != null;
        if (kept == null) {
            connect(call);
        } else {
            start(call, kept);
        }
    }

    private void connect(Call call) {
        try {
            start(call, Link.open(address, selector));
        } catch (IOException e) {
            tell(call, call.client.failed(e));
        }
    }

    private void start(Call call, Link link) {
        calls.put(link, call);
        call.link = link;
        try {
            link.send(call.client.request());
        } catch (IOException e) {
            fail(call, e);
        }
    }

    void runWhile(BooleanSupplier busy) throws IOException, InterruptedException {
        while (busy.getAsBoolean()) {
            long millis = runDue();
            if (millis == 0) {
                selector.selectNow(ready);
            } else if (busy.getAsBoolean()) {
                selector.select(ready, millis);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /// Returns how many milliseconds are left until the next action is due.
    private long runDue() {
        long now = System.nanoTime();
        for (Timer next = timers.peek(); next != null; next = timers.peek()) {
            if (next.due - now > 0) {
                return TimeUnit.NANOSECONDS.toMillis(next.due - now) + 1;
            }
            timers.poll();
            next.action.run();
        }
        return Long.MAX_VALUE;
    }

    private void ready(SelectionKey key) {
        Link link = (Link) key.attachment();
        Call call = calls.get(link);
        if (call == null) {
            // the server has given up a connection that nobody uses
            idle.remove(link);
            link.close();
            return;
        }
        try {
            if (link.isReadable()) {
                link.read(direct, bytes);
                call.client.read(link.answer()).ifPresent(outcome -> end(call, outcome));
            }
        } catch (IOException e) {
            fail(call, e);
        }
    }

    private void fail(Call call, IOException e) {
        Link link = call.link;
        if (call.reusesLink && !link.answer().heard()) {
            // a server may close a kept connection at any time before it has read a request from it
            calls.remove(link);
            link.close();
            call.reusesLink = false;
            connect(call);
        } else {
            end(call, call.client.failed(e));
        }
    }

    private void end(Call call, Outcome outcome) {
        Link link = call.link;
        calls.remove(link);
        boolean whole = outcome.kind() == Outcome.Kind.OK || outcome.kind() == Outcome.Kind.REFUSED;
        if (whole && link.answer().keepAlive()) {
            idle.addFirst(link);
        } else {
            link.close();
        }
        tell(call, outcome);
    }

    private void tell(Call call, Outcome outcome) {
        timers.remove(call.deadline);
        call.then.accept(outcome);
    }

    @Override
    public void close() {
        List<Link> all = new ArrayList<>(idle);
        all.addAll(calls.keySet());
        all.forEach(Link::close);
        try {
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
