package dev.loci.perf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Runs a workload: when each request is sent. The thread that runs it drives all connections.
final class Load {
    /// @param clients       of a closed loop, each sending when its last answer is complete; 0 for Poisson arrivals
    /// @param staggerMillis between the first requests of the clients
    /// @param rate          requests a second of all keys together
    /// @param seconds       that are measured; 0: until all requests are answered
    /// @param requests      at most; 0: no limit
    record Arrivals(int clients, long staggerMillis, double rate, double seconds, int requests) {
        static Arrivals closed(int clients, double seconds) {
            return new Arrivals(clients, Math.max(20, 1000 / clients), 0, seconds, 0);
        }

        static Arrivals poisson(double rate, double seconds) {
            return new Arrivals(0, 0, rate, seconds, 0);
        }

        static Arrivals count(int clients, int requests) {
            return new Arrivals(clients, 20, 0, 0, requests);
        }
    }

    /// @param outcomes     of all requests
    /// @param driverMillis that this process computed between the two readings of the counters
    /// @param lagMillis    how late each request of a Poisson process was sent
    record Result(
            List<Outcome> outcomes,
            Client.Window window,
            Optional<EngineCounters> before,
            Optional<EngineCounters> after,
            double driverMillis,
            List<Double> lagMillis) {
        double seconds() {
            return (window.end() - window.start()) / 1e9;
        }
    }

    /// What was counted up to a moment.
    private record Reading(Optional<EngineCounters> engine, double driverMillis) {
        static Reading take(Http http) {
            Duration cpu = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
            return new Reading(EngineCounters.read(http), cpu.toNanos() / 1e6);
        }
    }

    private static final long PAUSE_MILLIS = 200;

    private final Http http;
    private final Workload workload;
    private final Arrivals arrivals;
    private final List<Outcome> outcomes = new ArrayList<>();
    private final List<Double> lags = new ArrayList<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Client.Window window;
    private int next;
    private int active;

    Load(Http http, Workload workload, Arrivals arrivals) {
        this.http = http;
        this.workload = workload;
        this.arrivals = arrivals;
        long start = System.nanoTime()
                + (arrivals.seconds() == 0
                        ? 0
                        : TimeUnit.MILLISECONDS.toNanos(arrivals.clients() * arrivals.staggerMillis()));
        long nanos = arrivals.seconds() == 0 ? Long.MAX_VALUE / 4 : (long) (arrivals.seconds() * 1e9);
        window = new Client.Window(start, start + nanos);
    }

    /// Ends sooner than its time: no more requests are sent. For any thread.
    void stop() {
        stopped.countDown();
    }

    Result run() throws InterruptedException {
        return arrivals.seconds() > 0 ? runForTime() : runToEnd();
    }

    private Result runToEnd() throws InterruptedException {
        Reading before = Reading.take(http);
        drive();
        long end = outcomes.stream().mapToLong(Outcome::endNanos).max().orElse(window.start() + 1);
        return result(end, before, Reading.take(http));
    }

    /// The counters are read by a thread of their own: the loop waits for no answer.
    private Result runForTime() throws InterruptedException {
        FutureTask<List<Reading>> readings = new FutureTask<>(() -> {
            stopped.await(window.start() - System.nanoTime(), TimeUnit.NANOSECONDS);
            Reading before = Reading.take(http);
            stopped.await(window.end() - System.nanoTime(), TimeUnit.NANOSECONDS);
            return List.of(before, Reading.take(http));
        });
        Thread.ofPlatform().daemon().name("counters").start(readings);
        drive();
        try {
            return result(
                    window.end(), readings.get().getFirst(), readings.get().getLast());
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    private Result result(long end, Reading before, Reading after) {
        return new Result(
                List.copyOf(outcomes),
                new Client.Window(window.start(), end),
                before.engine(),
                after.engine(),
                after.driverMillis() - before.driverMillis(),
                List.copyOf(lags));
    }

    private void drive() throws InterruptedException {
        try (Loop loop = http.loop()) {
            if (arrivals.clients() > 0) {
                startClients(loop);
            } else {
                double total =
                        workload.keys().stream().mapToDouble(Workload.Key::rate).sum();
                for (Workload.Key key : workload.keys()) {
                    new Arriving(loop, key, arrivals.rate() * key.rate() / total).start();
                }
            }
            loop.runWhile(() -> active > 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void startClients(Loop loop) {
        List<Optional<Workload.Key>> owners = new ArrayList<>();
        for (Workload.Key key : workload.keys()) {
            for (int i = 0; i < key.clients(); i++) {
                owners.add(Optional.of(key));
            }
        }
        while (owners.size() < arrivals.clients()) {
            owners.add(Optional.empty());
        }
        long now = System.nanoTime();
        for (int i = 0; i < owners.size(); i++) {
            Optional<Workload.Key> owner = owners.get(i);
            active++;
            loop.schedule(
                    now + TimeUnit.MILLISECONDS.toNanos(i * arrivals.staggerMillis()), () -> sendNext(loop, owner));
        }
    }

    /// A client of a closed loop goes on.
    private void sendNext(Loop loop, Optional<Workload.Key> owner) {
        int index = next();
        if (index < 0) {
            active--;
            return;
        }
        Workload.Key key = owner.isPresent() ? owner.get() : workload.key(index);
        send(loop, key, index, outcome -> {
            if (outcome.kind() == Outcome.Kind.REFUSED || outcome.kind() == Outcome.Kind.FAILED) {
                loop.schedule(
                        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS), () -> sendNext(loop, owner));
            } else {
                sendNext(loop, owner);
            }
        });
    }

    /// The Poisson process of one key.
    private final class Arriving {
        private final Loop loop;
        private final Workload.Key key;
        private final double rate;
        private final SplittableRandom random;
        private long due = System.nanoTime();

        private Arriving(Loop loop, Workload.Key key, double rate) {
            this.loop = loop;
            this.key = key;
            this.rate = rate;
            random = new SplittableRandom(workload.seed() * 31 + key.name().hashCode());
        }

        private void start() {
            active++;
            scheduleNext();
        }

        private void scheduleNext() {
            int index = next();
            due += (long) (-Math.log(1 - random.nextDouble()) / rate * 1e9);
            if (index < 0 || due - window.end() >= 0) {
                active--;
            } else {
                loop.schedule(due, () -> arrive(index));
            }
        }

        private void arrive(int index) {
            if (isStopped()) {
                active--;
                return;
            }
            lags.add(Math.max(0, (System.nanoTime() - due) / 1e6));
            active++;
            send(loop, key, index, _ -> active--);
            scheduleNext();
        }
    }

    private void send(Loop loop, Workload.Key key, int index, Consumer<Outcome> then) {
        Client client = new Client(workload, key, workload.request(http, key, index), window);
        loop.send(client, outcome -> {
            outcomes.add(outcome);
            then.accept(outcome);
        });
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /// The number of the next request, or -1 where there is none.
    private int next() {
        if (isStopped() || System.nanoTime() - window.end() >= 0) {
            return -1;
        }
        int index = next++;
        return arrivals.requests() > 0 && index >= arrivals.requests() ? -1 : index;
    }
}
