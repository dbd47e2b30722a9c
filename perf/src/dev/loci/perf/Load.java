package dev.loci.perf;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs a workload: when each request is sent. One virtual thread for each client, or for each request under way.
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

    private static final long PAUSE_MILLIS = 200;

    private final Http http;
    private final Workload workload;
    private final Arrivals arrivals;
    private final Queue<Outcome> outcomes = new ConcurrentLinkedQueue<>();
    private final Queue<Double> lags = new ConcurrentLinkedQueue<>();
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Client.Window window;

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

    /// Ends sooner than its time: no more requests are sent.
    void stop() {
        stopped.set(true);
    }

    Result run() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        if (arrivals.clients() > 0) {
            startClients(threads);
        } else {
            double total =
                    workload.keys().stream().mapToDouble(Workload.Key::rate).sum();
            for (Workload.Key key : workload.keys()) {
                double rate = arrivals.rate() * key.rate() / total;
                threads.add(Thread.startVirtualThread(() -> arrive(key, rate)));
            }
        }
        sleepUntil(window.start());
        Optional<EngineCounters> before = EngineCounters.read(http);
        double driverBefore = driverMillis();
        double driverAfter = 0;
        Optional<EngineCounters> after = Optional.empty();
        if (arrivals.seconds() > 0) {
            sleepUntil(window.end());
            driverAfter = driverMillis();
            after = EngineCounters.read(http);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (arrivals.seconds() == 0) {
            driverAfter = driverMillis();
            after = EngineCounters.read(http);
        }
        List<Outcome> all = List.copyOf(outcomes);
        long end = arrivals.seconds() > 0
                ? window.end()
                : all.stream().mapToLong(Outcome::endNanos).max().orElse(window.start() + 1);
        return new Result(all, new Client.Window(window.start(), end), before, after, driverAfter - driverBefore, List.copyOf(lags));
    }

    private void startClients(List<Thread> threads) {
        List<Optional<Workload.Key>> owners = new ArrayList<>();
        for (Workload.Key key : workload.keys()) {
            for (int i = 0; i < key.clients(); i++) {
                owners.add(Optional.of(key));
            }
        }
        while (owners.size() < arrivals.clients()) {
            owners.add(Optional.empty());
        }
        for (int i = 0; i < owners.size(); i++) {
            int client = i;
            threads.add(Thread.startVirtualThread(() -> loop(owners.get(client), client * arrivals.staggerMillis())));
        }
    }

    private void loop(Optional<Workload.Key> owner, long delayMillis) {
        try {
            Thread.sleep(delayMillis);
            for (int index = next(); index >= 0; index = next()) {
                Outcome outcome = call(owner.isPresent() ? owner.get() : workload.key(index), index);
                if (outcome.kind() == Outcome.Kind.REFUSED || outcome.kind() == Outcome.Kind.FAILED) {
                    Thread.sleep(PAUSE_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void arrive(Workload.Key key, double rate) {
        SplittableRandom random =
                new SplittableRandom(workload.seed() * 31 + key.name().hashCode());
        List<Thread> sent = new ArrayList<>();
        try {
            long due = System.nanoTime();
            for (int index = next(); index >= 0; index = next()) {
                due += (long) (-Math.log(1 - random.nextDouble()) / rate * 1e9);
                if (due - window.end() >= 0) {
                    break;
                }
                sleepUntil(due);
                if (stopped.get()) {
                    break;
                }
                lags.add(Math.max(0, (System.nanoTime() - due) / 1e6));
                int number = index;
                sent.add(Thread.startVirtualThread(() -> call(key, number)));
                if (sent.size() % 256 == 0) {
                    sent.removeIf(thread -> !thread.isAlive());
                }
            }
            for (Thread thread : sent) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Outcome call(Workload.Key key, int index) {
        Outcome outcome = Client.call(http, workload, key, index, window);
        outcomes.add(outcome);
        return outcome;
    }

    /// The number of the next request, or -1 where there is none.
    private int next() {
        if (stopped.get() || System.nanoTime() - window.end() >= 0) {
            return -1;
        }
        int index = next.getAndIncrement();
        return arrivals.requests() > 0 && index >= arrivals.requests() ? -1 : index;
    }

    private static double driverMillis() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toNanos()
                / 1e6;
    }

    static void sleepUntil(long nanos) throws InterruptedException {
        long left = nanos - System.nanoTime();
        if (left > 0) {
            TimeUnit.NANOSECONDS.sleep(left);
        }
    }
}
