package dev.loci.perf;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// `perf/drain`: what SIGTERM does to the streams that run.
final class Drain {
    private static final String USAGE = """
            usage: perf/drain [OPTION]... [-- OPTION OF loci serve...]   kill -TERM under load

            --clients N (16)  --after-s S (5) of load  --limit-s S (30): the server must have ended by then
            --prompt-tokens P (64)  --new-tokens A:B (100:300)""";

    private Drain() {}

    public static void main(String[] words) {
        Programs.run("drain", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        int clients = arguments.integer("clients", 16);
        int after = arguments.integer("after-s", 5);
        int limit = arguments.integer("limit-s", 30);
        String[] shape = {
            "--prompt-tokens",
            arguments.text("prompt-tokens", "64"),
            "--new-tokens",
            arguments.text("new-tokens", "100:300"),
            "--ignore-eos"
        };
        arguments.refuseOthers();
        try (ServerProcess.Started server = ServerProcess.Started.start("drain", arguments.rest(), "")) {
            Workload workload =
                    Workload.parse(Arguments.parse(shape, Workload.FLAGS), "").asking(server.model());
            Programs.warmUp(server.http(), workload, clients);
            Load load =
                    new Load(server.http(), workload.reseeded(7), Load.Arrivals.closed(clients, after + limit + 10));
            AtomicReference<Load.Result> result = new AtomicReference<>();
            Thread driver = Thread.ofPlatform().start(() -> {
                try {
                    result.set(load.run());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            TimeUnit.SECONDS.sleep(after);
            AtomicLong notReady = new AtomicLong(-1);
            long term = System.nanoTime();
            Thread prober = Thread.startVirtualThread(() -> probe(server.http(), term, notReady));
            server.process().destroy();
            boolean ended = server.process().waitFor(limit, TimeUnit.SECONDS);
            double seconds = (System.nanoTime() - term) / 1e9;
            if (!ended) {
                server.process().destroyForcibly();
            }
            load.stop();
            driver.join();
            prober.join();
            return judge(result.get().outcomes(), term, ended, seconds, limit, notReady.get());
        }
    }

    private static int judge(
            List<Outcome> outcomes, long term, boolean ended, double seconds, int limit, long notReady) {
        Map<String, Long> running = new TreeMap<>();
        Map<String, Long> later = new TreeMap<>();
        long complete = 0;
        long last = term;
        for (Outcome outcome : outcomes) {
            boolean sentBefore = outcome.sentNanos() - term < 0;
            if (!sentBefore) {
                boolean broken = outcome.kind() == Outcome.Kind.FAILED && outcome.status() == 200;
                later.merge(
                        broken
                                ? "BROKEN: " + outcome.reason()
                                : outcome.kind() == Outcome.Kind.OK ? "answered" : outcome.reason(),
                        1L,
                        Long::sum);
            } else if (outcome.endNanos() - term > 0) {
                if (outcome.kind() == Outcome.Kind.OK) {
                    complete++;
                    last = Math.max(last, outcome.endNanos());
                } else {
                    running.merge(outcome.reason(), 1L, Long::sum);
                }
            }
        }
        System.out.println("sent after SIGTERM: " + later);
        boolean holds = Programs.check(
                running.isEmpty() && later.keySet().stream().noneMatch(each -> each.startsWith("BROKEN")),
                "no stream is broken",
                complete + " running at SIGTERM complete, the last after " + Report.number((last - term) / 1e9)
                        + " s; others " + running);
        holds &= Programs.check(ended, "the server ends within " + limit + " s", Report.number(seconds) + " s");
        holds &= Programs.check(
                notReady >= 0,
                "readiness goes down while streams run",
                notReady < 0 ? "never seen" : "after " + notReady + " ms");
        return holds ? 0 : 1;
    }

    private static void probe(Http http, long term, AtomicLong notReady) {
        try {
            while (true) {
                if (http.get("/q/health/ready").status() == 503) {
                    notReady.compareAndSet(-1, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - term));
                    return;
                }
                Thread.sleep(20);
            }
        } catch (IOException e) {
            // gone without having said so
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
