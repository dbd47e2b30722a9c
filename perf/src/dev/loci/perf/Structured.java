package dev.loci.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `perf/structured`: whether answers keep to their schemas, and what that costs.
final class Structured {
    private static final String USAGE = """
            usage: perf/structured --cases FILE [OPTION]... [-- OPTION OF loci serve...]   answers held to schemas

            --cases FILE: a JSON object a line, each with a schema; none: only the cost  --schemas N (200) that are answered
            --clients N (16)  --max-tokens N (256) of an answer to a case  --rounds R (7) of each kind  --seconds S (5) of a run
            --prompt-tokens P (64)  --new-tokens N (96)  --least F (0.85): what the median ratio must keep  --seed N (1)""";

    /// Never complete within the tokens of an answer, so that both kinds end at the same length.
    private static final String LONG = """
            {"type":"array","minItems":1000,"items":{"type":"object","properties":{"id":{"type":"integer"},\
            "name":{"type":"string","minLength":8,"maxLength":60},"kind":{"enum":["book","film","song"]},\
            "tags":{"type":"array","items":{"type":"string"},"minItems":1}},"required":["id","name","kind","tags"],\
            "additionalProperties":false}}""";

    private Structured() {}

    public static void main(String[] words) {
        Programs.run("structured", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        String cases = arguments.text("cases", "");
        int clients = arguments.integer("clients", 16);
        int seed = arguments.integer("seed", 1);
        SchemaAnswers.Plan plan = new SchemaAnswers.Plan(
                Path.of(cases),
                arguments.integer("schemas", 200),
                clients,
                arguments.integer("max-tokens", 256),
                seed);
        int rounds = arguments.integer("rounds", 7);
        double seconds = arguments.number("seconds", 5);
        double least = arguments.number("least", 0.85);
        String prompt = "" + arguments.integer("prompt-tokens", 64);
        String fresh = "" + arguments.integer("new-tokens", 96);
        arguments.refuseOthers();
        if (!cases.isEmpty() && !Files.isRegularFile(plan.cases())) {
            throw new Arguments.Wrong("--cases: expected a file, found " + cases);
        }
        try (ServerProcess.Started server = ServerProcess.Started.start("structured", arguments.rest(), "")) {
            boolean holds = cases.isEmpty() || new SchemaAnswers(server.http(), server.model(), plan).run();
            List<String> shape =
                    List.of("--prompt-tokens", prompt, "--new-tokens", fresh, "--temperature", "1");
            Workload free = workload(shape, server.model(), "--ignore-eos");
            Workload held = workload(shape, server.model(), "--schema", LONG);
            return holds & cost(server.http(), free, held, clients, rounds, seconds, least, seed) ? 0 : 1;
        }
    }

    private static Workload workload(List<String> shape, String model, String... more) {
        List<String> words = new ArrayList<>(shape);
        words.addAll(List.of(more));
        return Workload.parse(Arguments.parse(words.toArray(String[]::new), Workload.FLAGS), model);
    }

    private static boolean cost(
            Http http,
            Workload free,
            Workload held,
            int clients,
            int rounds,
            double seconds,
            double least,
            int seed)
            throws InterruptedException {
        rate(http, free, clients, seconds, -1);
        rate(http, held, clients, seconds, -2);
        double[] ratios = new double[rounds];
        // free answers have no forced tokens
        Optional<EngineCounters> before = EngineCounters.read(http);
        double heldTokens = 0;
        for (int i = 0; i < rounds; i++) {
            // which of the two is first alternates: what the machine does otherwise strikes both
            double first = rate(http, i % 2 == 0 ? free : held, clients, seconds, seed * 1000L + 2 * i);
            double second = rate(http, i % 2 == 0 ? held : free, clients, seconds, seed * 1000L + 2 * i + 1);
            ratios[i] = i % 2 == 0 ? second / first : first / second;
            heldTokens += seconds * (i % 2 == 0 ? second : first);
            System.out.println("tok/s: free " + Report.number(i % 2 == 0 ? first : second) + ", held to a schema "
                    + Report.number(i % 2 == 0 ? second : first) + ", ratio " + Report.number(ratios[i]));
        }
        Arrays.sort(ratios);
        Optional<EngineCounters> after = EngineCounters.read(http);
        if (before.isPresent() && after.isPresent()) {
            double forced = after.get().forcedTokens() - before.get().forcedTokens();
            System.out.println("forced: about " + Report.number(100 * forced / heldTokens) + " % of the tokens held to it");
        }
        return Programs.check(
                Report.median(ratios) >= least,
                "tok/s at " + clients + " clients held to a schema at least " + least + " of without one",
                String.format("%.3f (%.3f to %.3f)", Report.median(ratios), ratios[0], ratios[rounds - 1]));
    }

    private static double rate(Http http, Workload workload, int clients, double seconds, long seed)
            throws InterruptedException {
        Report report = new Report(
                new Load(http, workload.reseeded(seed), Load.Arrivals.closed(clients, seconds)).run(),
                new Report.Slo(2000, 100));
        long failed = report.count(Outcome.Kind.FAILED) + report.count(Outcome.Kind.REFUSED);
        if (failed > 0) {
            throw new Arguments.Wrong("load: expected no failed request, found " + failed + " "
                    + report.reasons(Outcome.Kind.FAILED) + report.reasons(Outcome.Kind.REFUSED));
        }
        return report.tokensPerSecond();
    }
}
