package dev.loci.perf;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// `perf/series`: whether what clients choose makes time series: each would be kept by the server and by whoever scrapes.
final class Series {
    private static final String USAGE = """
            usage: perf/series [OPTION]... [-- OPTION OF loci serve...]   time series after requests of any names

            --requests N (100000)  --clients N (16) at once  --seed N (1)
            --right-share F (0.05) of requests for the model that there is""";
    private static final int WARM_UP = 10_000;
    private static final int REPORT_EACH = 10_000;
    private static final List<String> PATHS =
            List.of("/v1/completions", "/v1/chat/completions", "/v1/responses", "/tokenize", "/detokenize");
    private static final List<String> METHODS = List.of("POST", "GET", "PUT", "DELETE", "PATCH", "OPTIONS");

    private final Http http;
    private final String model;
    private final double rightShare;
    private final long seed;
    private final Map<Integer, AtomicInteger> statuses = new ConcurrentHashMap<>();

    private Series(Http http, String model, double rightShare, long seed) {
        this.http = http;
        this.model = model;
        this.rightShare = rightShare;
        this.seed = seed;
    }

    public static void main(String[] words) {
        Programs.run("series", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        int requests = arguments.integer("requests", 100_000);
        int clients = arguments.integer("clients", 16);
        double right = arguments.number("right-share", 0.05);
        int seed = arguments.integer("seed", 1);
        arguments.refuseOthers();
        try (ServerProcess.Started server = ServerProcess.Started.start("series", arguments.rest(), "-Xmx512m")) {
            Series series = new Series(server.http(), server.model(), right, seed);
            // every path, method, status and cause once, and all that begins with a first request or a collection
            Crowd.send(-WARM_UP, 0, clients, series::send);
            series.names();
            server.holder().holdings();
            Set<String> before = series.names();
            System.out.println(before.size() + " series after the first " + WARM_UP + " requests");
            for (int sent = 0; sent < requests; sent += REPORT_EACH) {
                Crowd.send(sent, Math.min(requests, sent + REPORT_EACH), clients, series::send);
                System.out.println((sent + REPORT_EACH) + " sent, " + series.names().size() + " series");
            }
            Set<String> after = series.names();
            after.removeAll(before);
            System.out.println("answers by status: " + new TreeMap<>(series.statuses));
            boolean holds = Programs.check(
                    after.isEmpty(),
                    "no series has come with " + requests + " requests of random models, users, keys, headers and paths",
                    after.isEmpty() ? before.size() + " series before and after" : "new: " + after);
            holds &= Programs.check(
                    series.statuses.getOrDefault(200, new AtomicInteger()).get() > 0
                            && series.statuses.getOrDefault(404, new AtomicInteger()).get() > 0,
                    "some were answered, some refused",
                    "" + series.statuses);
            return holds ? 0 : 1;
        }
    }

    /// Names and labels, without their values.
    private Set<String> names() throws IOException {
        Set<String> names = new TreeSet<>();
        http.get("/q/metrics").body().lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int exemplar = line.indexOf(" # ");
            String sample = exemplar < 0 ? line : line.substring(0, exemplar);
            names.add(sample.substring(0, Math.max(0, sample.lastIndexOf(' '))));
        });
        return names;
    }

    private void send(int index) {
        int status;
        try {
            status = http.whole(request(new SplittableRandom(seed * 1_000_003L + index)))
                    .status();
        } catch (IOException e) {
            status = 0;
        }
        statuses.computeIfAbsent(status, _ -> new AtomicInteger()).incrementAndGet();
    }

    private byte[] request(SplittableRandom random) {
        boolean right = random.nextDouble() < rightShare;
        String path = random.nextInt(20) == 0 ? "/" + word(random) + "/" + word(random) : pick(PATHS, random);
        path = random.nextInt(20) == 0 ? "/v1/models/" + word(random) : path;
        path = random.nextInt(4) == 0 ? path + "?" + word(random) + "=" + word(random) : path;
        String method = random.nextInt(10) == 0 ? pick(METHODS, random) : "POST";
        method = random.nextInt(50) == 0 ? word(random).toUpperCase(Locale.ROOT) : method;
        Map<String, String> headers = new HashMap<>();
        headers.put("Content-Type", "application/json");
        headers.put("Authorization", "Bearer " + word(random));
        headers.put("User-Agent", word(random) + "/" + random.nextInt(1000));
        headers.put("X-Request-Id", word(random));
        headers.put("X-" + word(random), word(random));
        headers.put("X-Forwarded-Proto", word(random));
        headers.put("Forwarded", "proto=" + word(random));
        headers.put("Host", word(random) + ".example:" + (1 + random.nextInt(65535)));
        headers.put(
                "traceparent", "00-" + hex(random) + hex(random) + "-" + hex(random) + "-0" + random.nextInt(2));
        headers.put("tracestate", word(random) + "=" + word(random));
        headers.put("baggage", word(random) + "=" + word(random));
        String name = right ? model : word(random);
        String text = "{\"model\":" + Json.quote(name) + ",\"user\":" + Json.quote(word(random))
                + ",\"prompt\":\"a\",\"max_tokens\":1,\"ignore_eos\":true" + (random.nextInt(10) == 0 ? ",\"" + word(random) + "\":1" : "")
                + ",\"metadata\":{\"" + word(random) + "\":\"" + word(random) + "\"}}";
        return http.request(method, path, headers, text);
    }

    private static String pick(List<String> all, SplittableRandom random) {
        return all.get(random.nextInt(all.size()));
    }

    private static String hex(SplittableRandom random) {
        return String.format("%016x", random.nextLong());
    }

    private static String word(SplittableRandom random) {
        return random.ints(1 + random.nextInt(12), 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
