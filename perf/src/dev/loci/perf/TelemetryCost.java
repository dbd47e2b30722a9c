package dev.loci.perf;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// `perf/telemetry-cost`: CPU time of a token, user's and system's, with telemetry over without, in many pairs.
final class TelemetryCost {
    private static final String USAGE = """
            usage: perf/telemetry-cost [OPTION]... [-- OPTION OF loci serve...]   what does telemetry cost a token?

            --pairs N (15)  --slices N (12) of a pair, in each of which both have their turn  --requests R (16) of a turn
            --clients C (8)  --prompt-tokens P (16)  --new-tokens N (64)
            --warm-up R (20000) requests of one new token first: what is done for a request is compiled then
            --scrape-seconds S (5) between scrapes of the one with telemetry  --most F (1.01): what the median ratio
            must keep  --otlp URL: a collector other than its own, which takes and forgets  --json FILE: all figures""";

    private TelemetryCost() {}

    /// One server, and what is asked of it each time.
    private record Side(ServerProcess.Started server, Workload workload, int clients, int requests) {
        /// @return tokens that came
        long run(int seed) throws InterruptedException {
            Load load = new Load(server.http(), workload.reseeded(seed), Load.Arrivals.count(clients, requests));
            Load.Result result = load.run();
            long tokens = 0;
            for (Outcome outcome : result.outcomes()) {
                if (outcome.kind() != Outcome.Kind.OK) {
                    throw new Arguments.Wrong("run " + seed + ": expected whole answers, found one " + outcome.kind());
                }
                tokens += outcome.tokens();
            }
            return tokens;
        }

        private Duration cpu() {
            return server.process()
                    .info()
                    .totalCpuDuration()
                    .orElseThrow(() -> new Arguments.Wrong("server: expected its CPU time, found none"));
        }
    }

    /// Takes what is sent to it, as a collector does, and forgets it.
    private record Collector(HttpServer server) implements AutoCloseable {
        static Collector start() throws IOException {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/", exchange -> {
                exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
                exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            server.start();
            return new Collector(server);
        }

        String url() {
            return "http://127.0.0.1:" + server.getAddress().getPort();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    public static void main(String[] words) {
        Programs.run("telemetry-cost", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        int pairs = arguments.integer("pairs", 15);
        int requests = arguments.integer("requests", 16);
        int slices = arguments.integer("slices", 12);
        int clients = arguments.integer("clients", 8);
        int warmUp = arguments.integer("warm-up", 20_000);
        String prompt = arguments.text("prompt-tokens", "16");
        String fresh = arguments.text("new-tokens", "64");
        int scrapeSeconds = arguments.integer("scrape-seconds", 5);
        double most = arguments.number("most", 1.01);
        String otlp = arguments.text("otlp", "");
        String json = arguments.text("json", "");
        arguments.refuseOthers();
        List<String> options = Programs.options(arguments, "--prefix-cache", "false");
        String[] brief = {"--prompt-tokens", prompt, "--new-tokens", "1", "--ignore-eos"};
        String[] shape = {"--prompt-tokens", prompt, "--new-tokens", fresh, "--ignore-eos"};
        try (Collector collector = Collector.start();
                ServerProcess.Started with = ServerProcess.Started.start(
                        "telemetry-on",
                        options,
                        "-Dloci.telemetry.otlp.endpoint=" + (otlp.isEmpty() ? collector.url() : otlp));
                ServerProcess.Started without = ServerProcess.Started.start(
                        "telemetry-off", options, "-Dloci.telemetry.disabled=true")) {
            Workload workload = Workload.parse(Arguments.parse(shape, Workload.FLAGS), with.model());
            Workload once = Workload.parse(Arguments.parse(brief, Workload.FLAGS), with.model());
            List<Double> ratios;
            warmUp(new Side(with, once, clients, warmUp), new Side(without, once, clients, warmUp));
            try (Scraper scraper = Scraper.start(with.http(), scrapeSeconds)) {
                ratios = ratios(
                        new Side(with, workload, clients, requests),
                        new Side(without, workload, clients, requests),
                        pairs,
                        slices);
                scraper.check();
            }
            double[] sorted = ratios.stream().mapToDouble(r -> r).sorted().toArray();
            double median = Report.median(sorted);
            if (!json.isEmpty()) {
                Map<String, Object> figures = new LinkedHashMap<>();
                figures.put("ratios", ratios);
                figures.put("median", median);
                Files.writeString(Path.of(json), Json.write(figures) + "\n");
            }
            return Programs.check(
                            median <= most,
                            "CPU time of a token with telemetry over without, median of " + pairs + " pairs, at most "
                                    + most,
                            String.format("%.4f (%.4f to %.4f)", median, sorted[0], sorted[sorted.length - 1]))
                    ? 0
                    : 1;
        }
    }

    /// Compiling is a cost of a server's first minutes, and of no token: what is done for a token is compiled after a few
    /// answers, but what is done for a request after thousands of them.
    private static void warmUp(Side with, Side without) throws InterruptedException {
        with.run(-1);
        without.run(-1);
        System.out.printf(
                "up to request %d: %.1f s with, %.1f s without, much of it compiling%n",
                with.requests(), with.cpu().toMillis() / 1e3, without.cpu().toMillis() / 1e3);
    }

    /// Turns are short, because the machine's speed changes from second to second; which of the two is first alternates.
    /// CPU time is that of the whole pair, whoever's turn it is: much of telemetry is done a while later. The first turns
    /// do not count.
    private static List<Double> ratios(Side with, Side without, int pairs, int slices) throws InterruptedException {
        for (int warmUp = -3 * slices; warmUp < 0; warmUp++) {
            with.run(warmUp);
            without.run(warmUp);
        }
        List<Double> ratios = new ArrayList<>();
        for (int pair = 0; pair < pairs; pair++) {
            Duration before = with.cpu();
            Duration beforeWithout = without.cpu();
            long tokens = 0;
            long tokensWithout = 0;
            for (int slice = 0; slice < slices; slice++) {
                int seed = pair * slices + slice;
                boolean withFirst = (pair + slice) % 2 == 0;
                tokens += withFirst ? with.run(seed) : 0;
                tokensWithout += without.run(seed);
                tokens += withFirst ? 0 : with.run(seed);
            }
            double on = (double) with.cpu().minus(before).toNanos() / tokens;
            double off = (double) without.cpu().minus(beforeWithout).toNanos() / tokensWithout;
            ratios.add(on / off);
            System.out.printf(
                    "pair %d: %.1f us with, %.1f us without, ratio %.4f%n", pair + 1, on / 1e3, off / 1e3, on / off);
        }
        return ratios;
    }

    /// Asks for the metrics as Prometheus does.
    private record Scraper(Thread thread, CountDownLatch stop, AtomicReference<String> problem)
            implements AutoCloseable {
        static Scraper start(Http http, int seconds) {
            CountDownLatch stop = new CountDownLatch(1);
            AtomicReference<String> problem = new AtomicReference<>("");
            Thread thread = Thread.ofPlatform().daemon().name("scraper").start(() -> {
                try {
                    while (!stop.await(seconds, TimeUnit.SECONDS)) {
                        Http.Reply reply = http.get("/q/metrics");
                        if (reply.status() != 200) {
                            problem.set("status " + reply.status());
                        }
                    }
                } catch (IOException | InterruptedException e) {
                    problem.set(e.toString());
                }
            });
            return new Scraper(thread, stop, problem);
        }

        void check() {
            if (!problem.get().isEmpty()) {
                throw new Arguments.Wrong("/q/metrics: expected metrics, found " + problem.get());
            }
        }

        @Override
        public void close() {
            stop.countDown();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
