package dev.loci.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `perf/peers`: Loci and llama.cpp on the same shape, in turn.
final class Peers {
    private static final String USAGE = """
            usage: perf/peers [OPTION]...   llama.cpp and Loci on random models of one shape, in turn

            --shape 32m|870m (32m)  --llama-bench PATH  --llama-batched-bench PATH  --llama-server PATH
            --models DIR (target/perf/models)  --rounds N (5)  --threads N (2)  --seconds S (15) of an HTTP run
            --json FILE""";

    private static final int CLIENTS = 16;
    private static final List<Integer> BATCHES = List.of(4, 8, 16, 32);

    private final PeerModels models;
    private final PeerRuns runs;
    private final Map<String, List<Double>> theirs = new LinkedHashMap<>();
    private final Map<String, List<Double>> ours = new LinkedHashMap<>();
    private final Map<String, List<Double>> limits = new LinkedHashMap<>();

    private Peers(PeerModels models, PeerRuns runs) {
        this.models = models;
        this.runs = runs;
    }

    public static void main(String[] words) {
        Programs.run("peers", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        PeerShape shape = PeerShape.of(arguments.text("shape", "32m"));
        Optional<Path> bench = program(arguments, "llama-bench");
        Optional<Path> batched = program(arguments, "llama-batched-bench");
        Optional<Path> server = program(arguments, "llama-server");
        Path root = Path.of(System.getProperty("loci.root"));
        Path folder = Path.of(arguments.text("models", root.resolve("target/perf/models").toString()));
        int rounds = arguments.integer("rounds", 5);
        int threads = arguments.integer("threads", 2);
        double seconds = arguments.number("seconds", 15);
        String json = arguments.text("json", "");
        arguments.refuseOthers();
        if (bench.isEmpty() && batched.isEmpty() && server.isEmpty()) {
            throw new Arguments.Wrong("programs: expected one of --llama-bench, --llama-batched-bench, --llama-server,"
                    + " found none");
        }
        PeerModels models = PeerModels.of(shape, root, folder);
        Peers peers = new Peers(models, new PeerRuns(root, models, threads));
        for (int round = 0; round < rounds; round++) {
            peers.round(bench, batched, server, seconds);
            System.out.println("round " + (round + 1) + " of " + rounds + " done");
        }
        peers.print();
        if (!json.isEmpty()) {
            Files.writeString(Path.of(json), Json.write(Map.of("peer", peers.theirs, "loci", peers.ours, "limit", peers.limits)) + "\n");
        }
        return 0;
    }

    private static Optional<Path> program(Arguments arguments, String name) {
        Optional<Path> path = arguments.find(name).map(Path::of);
        if (path.isPresent() && !Files.isExecutable(path.get())) {
            throw new Arguments.Wrong("--" + name + ": expected a program, found none at " + path.get());
        }
        return path;
    }

    private void round(Optional<Path> bench, Optional<Path> batched, Optional<Path> server, double seconds)
            throws IOException, InterruptedException {
        if (bench.isPresent()) {
            runs.llamaBench(bench.get()).forEach((name, value) -> add(theirs, name, value));
        }
        if (batched.isPresent()) {
            runs.llamaBatched(batched.get(), BATCHES).forEach((name, value) -> add(theirs, name, value));
        }
        if (bench.isPresent() || batched.isPresent()) {
            Map<String, Double> most = new LinkedHashMap<>();
            runs.loci(most).forEach((name, value) -> add(ours, name, value));
            most.forEach((name, value) -> add(limits, name, value));
        }
        if (server.isPresent()) {
            try (ServerProcess.Started started = ServerProcess.Started.startCommand(
                    "peers-llama-server", runs.llamaServer(server.get(), CLIENTS), "")) {
                serve(started, theirs, seconds);
            }
            try (ServerProcess.Started started = ServerProcess.Started.startCommand("peers", runs.lociServe(), "")) {
                serve(started, ours, seconds);
            }
        }
    }

    private void serve(ServerProcess.Started server, Map<String, List<Double>> into, double seconds)
            throws InterruptedException {
        Workload workload = Workload.parse(
                        Arguments.parse(
                                new String[] {
                                    "--prompt-tokens", "64", "--new-tokens", "32:96", "--ignore-eos", "--vocab",
                                    "" + models.shape().vocabulary()
                                },
                                Workload.FLAGS),
                        "")
                .asking(server.model());
        Programs.warmUp(server.http(), workload, CLIENTS);
        Load.Result result = new Load(
                        server.http(),
                        workload.reseeded(into.size() + 7L),
                        Load.Arrivals.closed(CLIENTS, seconds))
                .run();
        Report report = new Report(result, new Report.Slo(2000, 100));
        long failed = report.count(Outcome.Kind.FAILED) + report.count(Outcome.Kind.REFUSED);
        if (failed > 0) {
            System.out.println("  not answered: " + report.reasons(Outcome.Kind.FAILED));
        }
        if (failed * 100 > report.count(Outcome.Kind.OK)) {
            throw new Arguments.Wrong("HTTP, requests: expected 99 of 100 answered, found " + failed + " that were not");
        }
        Map<String, Object> figures = report.figures();
        add(into, "HTTP, 16 clients, tok/s", (Double) figures.get("output_tokens_per_s"));
        add(into, "HTTP, 16 clients, TTFT p50 ms", (Double) Json.at(figures, "ttft_ms", "p50"));
    }

    private static void add(Map<String, List<Double>> into, String name, double value) {
        into.computeIfAbsent(name, _ -> new ArrayList<>()).add(value);
    }

    /// The ratio of each round, so that what the machine does otherwise strikes both.
    private void print() {
        System.out.printf(
                Locale.ROOT,
                "%n%-32s %10s %10s %10s   %s%n",
                models.shape().name(),
                "llama.cpp",
                "Loci",
                "limit",
                "Loci / llama.cpp: median (min to max)");
        theirs.forEach((name, peer) -> {
            List<Double> loci = ours.getOrDefault(name, List.of());
            double[] ratios = new double[Math.min(loci.size(), peer.size())];
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] = loci.get(i) / peer.get(i);
            }
            if (ratios.length > 0) {
                Arrays.sort(ratios);
                System.out.printf(
                        Locale.ROOT,
                        "%-32s %10s %10s %10s   %s (%s to %s)%n",
                        name,
                        Report.number(median(peer)),
                        Report.number(median(loci)),
                        limits.containsKey(name) ? Report.number(median(limits.get(name))) : "",
                        Report.number(Report.median(ratios)),
                        Report.number(ratios[0]),
                        Report.number(ratios[ratios.length - 1]));
            }
        });
    }

    private static double median(List<Double> values) {
        return Report.median(values.stream().mapToDouble(Double::doubleValue).toArray());
    }
}
