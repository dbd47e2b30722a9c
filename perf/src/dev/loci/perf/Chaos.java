package dev.loci.perf;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// `perf/chaos`: thousands of requests of every kind, right and wrong, many broken off; afterwards nothing is left.
final class Chaos {
    private static final String USAGE = """
            usage: perf/chaos [OPTION]... [-- OPTION OF loci serve...]   random requests, cancels and mistakes

            --requests N (10000)  --before N (1500) of the same kinds before what the server holds is first read
            --clients N (40) at once at most  --max-queue N (32)  --kv-memory M (48m)  --seed N (1)
            --rss-mib M (64) --heap-mib M (16) --threads N (8) --files N (8): what a server may hold more at the end""";
    private static final int TIMEOUT_SECONDS = 300;
    private static final int SETTLE_SECONDS = 60;
    private static final int MAX_SHOWN = 20;

    private final Http http;
    private final ChaosCases cases;
    private final Map<String, AtomicInteger> ends = new ConcurrentHashMap<>();
    private final AtomicInteger wrong = new AtomicInteger();

    private Chaos(Http http, ChaosCases cases) {
        this.http = http;
        this.cases = cases;
    }

    public static void main(String[] words) {
        Programs.run("chaos", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        int requests = arguments.integer("requests", 10_000);
        int before = arguments.integer("before", 1500);
        int clients = arguments.integer("clients", 40);
        int seed = arguments.integer("seed", 1);
        List<String> options = Programs.options(
                arguments,
                "--max-queue",
                arguments.text("max-queue", "32"),
                "--kv-memory",
                arguments.text("kv-memory", "48m"));
        Map<String, Long> allowed = new LinkedHashMap<>();
        allowed.put("threads", (long) arguments.integer("threads", 8));
        allowed.put("file_descriptors", (long) arguments.integer("files", 8));
        allowed.put("rss_bytes", arguments.integer("rss-mib", 64) * 1048576L);
        allowed.put("heap_bytes", arguments.integer("heap-mib", 16) * 1048576L);
        arguments.refuseOthers();
        // a heap that is all there from the start: what memory grows by is native
        String heap = "-Xms256m -Xmx256m -XX:+AlwaysPreTouch";
        try (ServerProcess.Started server = ServerProcess.Started.start("chaos", options, heap)) {
            ChaosCases cases = ChaosCases.probe(server.http(), server.model(), seed);
            Chaos chaos = new Chaos(server.http(), cases);
            boolean settled = chaos.send(0, before, clients);
            boolean empty = chaos.isEmpty("before", true);
            Map<String, Long> first = server.holder().holdings();
            System.out.println("held before   " + first);
            settled &= chaos.send(before, before + requests, clients);
            boolean holds =
                    Programs.check(settled, "every request ends within " + TIMEOUT_SECONDS + " s", "" + settled);
            holds &= Programs.check(
                    chaos.wrong.get() == 0,
                    "every request ends with its answer or its error",
                    chaos.wrong + " wrong of " + (before + requests));
            holds &= chaos.isEmpty("after", false) && empty;
            Map<String, Long> last = server.holder().holdings();
            System.out.println("held after    " + last);
            for (Map.Entry<String, Long> each : allowed.entrySet()) {
                long more = last.getOrDefault(each.getKey(), 0L) - first.getOrDefault(each.getKey(), 0L);
                boolean known = last.containsKey(each.getKey()) && first.containsKey(each.getKey());
                holds &= Programs.check(
                        known && more <= each.getValue(),
                        each.getKey() + " at most " + each.getValue() + " more",
                        known ? "" + more : "unknown");
            }
            System.out.println("ended: " + new TreeMap<>(chaos.ends));
            cases.unserved().ifPresent(names -> System.out.println("left out, for the server refuses it: " + names));
            return holds ? 0 : 1;
        }
    }

    /// Sends requests `from` to `to`; false where one does not end.
    private boolean send(int from, int to, int clients) throws InterruptedException {
        Semaphore places = new Semaphore(clients);
        AtomicLong ended = new AtomicLong();
        for (int i = from; i < to; i++) {
            places.acquire();
            int index = i;
            Thread.startVirtualThread(() -> {
                try {
                    judge(index);
                } finally {
                    ended.incrementAndGet();
                    places.release();
                }
            });
            if ((i - from + 1) % 1000 == 0) {
                System.out.println((i - from + 1) + " sent, " + wrong + " wrong");
            }
        }
        boolean all = places.tryAcquire(clients, TIMEOUT_SECONDS + 10, TimeUnit.SECONDS);
        http.closeIdle();
        return all && ended.get() == to - from;
    }

    private void judge(int index) {
        ChaosCase request = cases.draw(index);
        String end;
        try {
            end = request.send(http, TIMEOUT_SECONDS);
        } catch (RuntimeException e) {
            end = "WRONG: " + e;
        }
        ends.computeIfAbsent(end.startsWith("WRONG") ? "wrong" : end, _ -> new AtomicInteger())
                .incrementAndGet();
        if (end.startsWith("WRONG") && wrong.incrementAndGet() <= MAX_SHOWN) {
            System.out.println("request " + index + ", " + request.describe() + ": " + end);
        }
    }

    /// Whether the engine holds nothing any more, a minute after the last request at most.
    private boolean isEmpty(String when, boolean quiet) throws InterruptedException {
        Optional<EngineCounters> stats = EngineCounters.read(http);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
        while (stats.isPresent() && !isFree(stats.get()) && System.nanoTime() - deadline < 0) {
            Thread.sleep(100);
            stats = EngineCounters.read(http);
        }
        http.closeIdle();
        Thread.sleep(2000);
        String found = stats.map(s -> "running " + s.running() + ", waiting " + s.waiting() + ", pages " + s.pages()
                        + " = " + s.freePages() + " free + " + s.cachedPages() + " cached, preemptions "
                        + s.preemptions())
                .orElse("unknown: the server has no /q/stats");
        boolean free = stats.isPresent() && isFree(stats.get());
        if (!quiet || !free) {
            Programs.check(free, "the engine is empty " + when, found);
        }
        return free;
    }

    private static boolean isFree(EngineCounters stats) {
        return stats.running() == 0
                && stats.waiting() == 0
                && stats.pages() > 0
                && stats.freePages() + stats.cachedPages() == stats.pages();
    }
}
