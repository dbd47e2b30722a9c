package dev.loci.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `perf/pairs`: the native executable's throughput beside the JVM's, in many short pairs.
final class Pairs {
    private static final String USAGE = """
            usage: perf/pairs [OPTION]... [-- OPTION OF loci serve...]   the executable beside the JVM, in short pairs

            --pairs N (40) of each kind  --requests R (48) of a run  --clients C (8)  --prompt-tokens P (512) of prefill
            --new-tokens N (64) of decode  --least F (0.97): what the median ratio must keep  --json FILE: all ratios""";

    /// @param workload what is asked
    /// @param clients  that ask at once
    /// @param requests of a run
    private record Kind(String name, Workload workload, int clients, int requests) {}

    private Pairs() {}

    public static void main(String[] words) {
        Programs.run("pairs", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        int pairs = arguments.integer("pairs", 40);
        int requests = arguments.integer("requests", 48);
        int clients = arguments.integer("clients", 8);
        String prompt = arguments.text("prompt-tokens", "512");
        String fresh = arguments.text("new-tokens", "64");
        double least = arguments.number("least", 0.97);
        String json = arguments.text("json", "");
        arguments.refuseOthers();
        List<String> options = Programs.options(arguments, "--prefix-cache", "false");
        String loci = Path.of(System.getProperty("loci.root"), "loci").toString();
        try (ServerProcess.Started jvm = start("pairs-jvm", List.of(loci, "serve"), options);
                ServerProcess.Started image = start("pairs-native", List.of(loci, "--native", "serve"), options)) {
            List<Kind> kinds = List.of(
                    new Kind("decode, 1 client", workload("16", fresh, jvm.model()), 1, Math.max(1, requests / 6)),
                    new Kind("decode, " + clients + " clients", workload("16", fresh, jvm.model()), clients, requests),
                    new Kind("prefill", workload(prompt, "1", jvm.model()), clients, requests));
            boolean holds = true;
            Map<String, Object> figures = new LinkedHashMap<>();
            for (Kind kind : kinds) {
                List<Double> ratios = ratios(kind, jvm.http(), image.http(), pairs);
                double[] sorted = ratios.stream().mapToDouble(r -> r).sorted().toArray();
                double median = Report.median(sorted);
                figures.put(kind.name(), ratios);
                holds &= Programs.check(
                        median >= least,
                        kind.name() + ": median of " + pairs + " ratios of throughput at least " + least,
                        String.format("%.3f (%.3f to %.3f)", median, sorted[0], sorted[sorted.length - 1]));
            }
            if (!json.isEmpty()) {
                Files.writeString(Path.of(json), Json.write(figures) + "\n");
            }
            return holds ? 0 : 1;
        }
    }

    private static ServerProcess.Started start(String name, List<String> command, List<String> options)
            throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(command);
        whole.addAll(options);
        return ServerProcess.Started.startCommand(name, whole, "");
    }

    private static Workload workload(String prompt, String fresh, String model) {
        String[] shape = {"--prompt-tokens", prompt, "--new-tokens", fresh, "--ignore-eos"};
        return Workload.parse(Arguments.parse(shape, Workload.FLAGS), model);
    }

    /// The executable's throughput over the JVM's, of each pair; which of the two is first alternates.
    private static List<Double> ratios(Kind kind, Http jvm, Http image, int pairs) throws InterruptedException {
        seconds(kind, jvm, -1);
        seconds(kind, image, -1);
        seconds(kind, jvm, -2); // compiled by then
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < pairs; i++) {
            double first = seconds(kind, i % 2 == 0 ? jvm : image, i);
            double second = seconds(kind, i % 2 == 0 ? image : jvm, i);
            ratios.add(i % 2 == 0 ? first / second : second / first);
        }
        return ratios;
    }

    private static double seconds(Kind kind, Http http, int seed) throws InterruptedException {
        Load load = new Load(http, kind.workload().reseeded(seed), Load.Arrivals.count(kind.clients(), kind.requests()));
        long start = System.nanoTime();
        Report report = new Report(load.run(), new Report.Slo(2000, 100));
        double seconds = (System.nanoTime() - start) / 1e9;
        if (report.count(Outcome.Kind.OK) < kind.requests()) {
            throw new Arguments.Wrong(
                    kind.name() + ": expected " + kind.requests() + " answers, found " + report.count(Outcome.Kind.OK));
        }
        return seconds;
    }
}
