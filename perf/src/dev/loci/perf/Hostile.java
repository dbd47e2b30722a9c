package dev.loci.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// `perf/hostile`: what clients that mean no good cost one that does.
final class Hostile {
    private static final String USAGE = """
            usage: perf/hostile [OPTION]... [-- OPTION OF loci serve...]   one client beside those that mean no good

            --rounds N (5) of alone and beside  --requests N (16) in each  --limit F (1.5): beside over alone, medians
            --slow N (300) connections that send a byte of a head now and then  --body-mib-s N (16) of too large bodies
            --idle N (1000) connections  --deaf N (32) clients that ask for long streams and do not read
            --rss-mib N (96): what the server may hold more than before""";
    private static final int CUT_OFF_SECONDS = 20;
    private static final int CALM_SECONDS = 30;
    private static final int MOST_LOG_LINES = 50;

    private interface Opening {
        Attack open() throws IOException;
    }

    /// Latencies of one side, in milliseconds.
    private static final class Side {
        private final List<Double> first = new ArrayList<>();
        private final List<Double> whole = new ArrayList<>();

        void add(Outcome outcome) {
            first.add(outcome.ttftMillis());
            whole.add((outcome.endNanos() - outcome.sentNanos()) / 1e6);
        }
    }

    private final ServerProcess.Started server;
    private final Workload workload;
    private final int rounds;
    private final int requests;
    private final double limit;
    private int seed;
    private boolean holds = true;

    private Hostile(ServerProcess.Started server, Workload workload, int rounds, int requests, double limit) {
        this.server = server;
        this.workload = workload;
        this.rounds = rounds;
        this.requests = requests;
        this.limit = limit;
    }

    public static void main(String[] words) {
        Programs.run("hostile", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        int rounds = arguments.integer("rounds", 5);
        int requests = arguments.integer("requests", 16);
        double limit = arguments.number("limit", 1.5);
        int slow = arguments.integer("slow", 300);
        int bodies = arguments.integer("body-mib-s", 16);
        int idle = arguments.integer("idle", 1000);
        int deaf = arguments.integer("deaf", 32);
        long rss = arguments.integer("rss-mib", 96);
        List<String> options = Programs.options(arguments, "--write-timeout", CUT_OFF_SECONDS + "s");
        arguments.refuseOthers();
        // of a fixed size: what grows is what the heap does not bound
        try (ServerProcess.Started server =
                ServerProcess.Started.start("hostile", options, "-Xms512m -Xmx512m -XX:+AlwaysPreTouch")) {
            String[] shape = {"--prompt-tokens", "32", "--new-tokens", "16", "--ignore-eos"};
            Workload workload = Workload.parse(Arguments.parse(shape, Workload.FLAGS), server.model());
            int port = server.http().port();
            String stream = "{\"model\":" + Json.quote(server.model()) + ",\"prompt\":\"Once\",\"max_tokens\":900,\"n\":4,"
                    + "\"ignore_eos\":true,\"logprobs\":5,\"stream\":true}";
            Hostile hostile = new Hostile(server, workload, rounds, requests, limit);
            Programs.warmUp(server.http(), workload, 8);
            fillCache(server);
            hostile.alone(8 * requests);
            Map<String, Opening> attacks = new LinkedHashMap<>();
            attacks.put(slow + " connections that send a byte of a head now and then", () -> Attack.slowloris(port, slow));
            attacks.put(bodies + " MiB/s of bodies that are too large", () -> Attack.bodies(port, bodies));
            attacks.put(idle + " idle connections", () -> Attack.idle(port, idle));
            attacks.put(deaf + " clients that do not read their streams", () -> Attack.deaf(port, deaf, stream));
            long before = hostile.rss();
            for (Map.Entry<String, Opening> attack : attacks.entrySet()) {
                hostile.compare(attack.getKey(), attack.getValue(), before, rss);
            }
            hostile.cutOff(Attack.deaf(port, deaf, stream), deaf);
            long lines = server.logLines();
            hostile.holds &= Programs.check(
                    lines <= MOST_LOG_LINES, "the log has at most " + MOST_LOG_LINES + " lines", lines + " lines");
            return hostile.holds ? 0 : 1;
        }
    }

    private void compare(String what, Opening opening, long before, long rssMebibytes)
            throws IOException, InterruptedException {
        Side alone = new Side();
        Side beside = new Side();
        long most = 0;
        for (int round = 0; round < rounds; round++) {
            alone(requests).forEach(alone::add);
            try (Attack _ = opening.open()) {
                calm();
                alone(requests).forEach(beside::add);
                most = Math.max(most, rss());
            }
            calm();
        }
        System.out.println("-- beside " + what);
        check("to the first token", alone.first, beside.first);
        check("to the end", alone.whole, beside.whole);
        long grown = (most - before) >> 20;
        holds &= Programs.check(
                grown <= rssMebibytes, "RssAnon grows by at most " + rssMebibytes + " MiB", grown + " MiB");
    }

    private void check(String what, List<Double> alone, List<Double> beside) {
        double ratio = at(beside, 50) / at(alone, 50);
        holds &= Programs.check(
                ratio <= limit,
                "median " + what + " at most " + limit + " times that alone",
                Report.number(ratio) + " (p50 " + Report.number(at(alone, 50)) + " ms alone, "
                        + Report.number(at(beside, 50)) + " ms beside; p95 " + Report.number(at(alone, 95)) + " ms, "
                        + Report.number(at(beside, 95)) + " ms)");
    }

    private static double at(List<Double> values, double percent) {
        return Report.percentile(
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray(), percent);
    }

    /// Touches every page of the KV cache once: memory that the server has been promised is no growth.
    private static void fillCache(ServerProcess.Started server) throws InterruptedException {
        String[] shape = {"--prompt-tokens", "900", "--new-tokens", "1", "--ignore-eos"};
        Workload prompts = Workload.parse(Arguments.parse(shape, Workload.FLAGS), server.model());
        for (int round = 0; EngineCounters.read(server.http()).orElseThrow().freePages() > 0; round++) {
            new Load(server.http(), prompts.reseeded(-10 - round), Load.Arrivals.count(4, 8)).run();
        }
    }

    /// One client, one request after the other.
    private List<Outcome> alone(int count) throws InterruptedException {
        List<Outcome> outcomes = new Load(
                        server.http(), workload.reseeded(++seed), new Load.Arrivals(1, 20, 0, 0, count))
                .run()
                .outcomes();
        for (Outcome outcome : outcomes) {
            if (outcome.kind() != Outcome.Kind.OK) {
                throw new Arguments.Wrong("the client: expected answers, found " + outcome.reason());
            }
        }
        return outcomes;
    }

    /// Waits until nothing is generated any more: buffers of those who do not read are full, or they are gone.
    private void calm() throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(CALM_SECONDS);
        TimeUnit.MILLISECONDS.sleep(500);
        EngineCounters now = counters();
        while (now.running() + now.waiting() > 0) {
            if (System.nanoTime() - end > 0) {
                System.out.println("after " + CALM_SECONDS + " s " + now.running() + " generations still run, and "
                        + now.waiting() + " wait");
                return;
            }
            TimeUnit.MILLISECONDS.sleep(50);
            now = counters();
        }
    }

    private EngineCounters counters() {
        return EngineCounters.read(server.http())
                .orElseThrow(() -> new Arguments.Wrong("/q/stats: expected counters, found none"));
    }

    private long rss() {
        return server.holder().memory("RssAnon").orElse(0);
    }

    private void cutOff(Attack attack, int deaf) throws IOException, InterruptedException {
        try (attack) {
            calm();
            int reset = 0;
            long begin = System.nanoTime();
            while (reset < deaf && System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(2 * CUT_OFF_SECONDS)) {
                TimeUnit.MILLISECONDS.sleep(500);
                reset = attack.reset();
            }
            holds &= Programs.check(
                    reset == deaf,
                    "who does not read is cut off",
                    reset + " of " + deaf + " within " + (System.nanoTime() - begin) / 1_000_000_000 + " s of standing still");
        }
    }
}
