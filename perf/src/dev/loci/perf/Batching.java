package dev.loci.perf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/// `perf/batching`: what many clients at once get beside one.
final class Batching {
    private static final String USAGE = """
            usage: perf/batching [OPTION]... [-- OPTION OF loci serve...]   16 clients beside one

            --clients N (16)  --seconds S (20) of a run  --runs R (3) of each, in turns  --prompt-tokens P (64)
            --new-tokens A:B (32:96)  --url URL of a server that runs already  --seed N (1)""";

    private Batching() {}

    public static void main(String[] words) {
        Programs.run("batching", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        int clients = arguments.integer("clients", 16);
        double seconds = arguments.number("seconds", 20);
        int runs = arguments.integer("runs", 3);
        int prompt = arguments.integer("prompt-tokens", 64);
        String news = arguments.text("new-tokens", "32:96");
        int seed = arguments.integer("seed", 1);
        Optional<String> url = arguments.find("url");
        arguments.refuseOthers();
        Workload workload = Workload.parse(
                Arguments.parse(
                        new String[] {"--prompt-tokens", "" + prompt, "--new-tokens", news, "--ignore-eos"},
                        Workload.FLAGS),
                "");
        if (url.isPresent()) {
            Http http = new Http(url.get());
            return measure(http, workload.asking(Programs.model(http)), clients, seconds, runs, seed);
        }
        try (ServerProcess.Started server = ServerProcess.Started.start("batching", arguments.rest(), "")) {
            return measure(server.http(), workload.asking(server.model()), clients, seconds, runs, seed);
        }
    }

    private static int measure(Http http, Workload workload, int clients, double seconds, int runs, int seed)
            throws InterruptedException {
        Steady.warmUp(http, workload, 1, clients);
        List<Map<String, Object>> one = new ArrayList<>();
        List<Map<String, Object>> many = new ArrayList<>();
        long failed = 0;
        for (int i = 0; i < runs; i++) {
            for (int each : new int[] {1, clients}) {
                Load.Result result = new Load(
                                http,
                                workload.reseeded(seed * 1000L + 2 * i + (each == 1 ? 0 : 1)),
                                Load.Arrivals.closed(each, seconds))
                        .run();
                Report report = new Report(result, new Report.Slo(2000, 100));
                failed += report.count(Outcome.Kind.FAILED) + report.count(Outcome.Kind.REFUSED);
                Map<String, Object> figures = row(report);
                (each == 1 ? one : many).add(figures);
                System.out.println(Report.line(each + " clients", figures));
            }
        }
        Map<String, Object> alone = median(one);
        Map<String, Object> together = median(many);
        System.out.println(Report.line("median, 1", alone));
        System.out.println(Report.line("median, " + clients, together));
        boolean holds = judge(alone, together, clients);
        holds &= Programs.check(failed == 0, "no request fails or is refused", String.valueOf(failed));
        return holds ? 0 : 1;
    }

    private static boolean judge(Map<String, Object> alone, Map<String, Object> together, int clients) {
        double ratio = value(together, "tok/s") / value(alone, "tok/s");
        double wait = value(together, "TTFT p50") / value(alone, "TTFT p50");
        double between = value(together, "between %");
        String uncounted = together.containsKey("B/token") ? "" : " (no /q/stats)";
        boolean holds = Programs.check(
                ratio >= 4,
                "tok/s at " + clients + " clients at least 4 times that of 1",
                Report.number(ratio) + " times");
        holds &= Programs.check(wait < 5, "TTFT p50 under 5 times that of 1", Report.number(wait) + " times");
        holds &= Programs.check(
                value(alone, "tok/s") >= 350, "1 client gets at least 350 tok/s", Report.number(value(alone, "tok/s")));
        holds &= Programs.check(
                value(together, "B/token") < value(alone, "B/token"),
                "bytes read a token fall",
                Report.number(value(alone, "B/token")) + " to " + Report.number(value(together, "B/token"))
                        + uncounted);
        holds &= Programs.check(
                between < 5,
                "time between steps under 5 % of the steps' at " + clients + " clients",
                Report.number(between) + " % of " + Report.number(value(together, "step ms")) + " ms" + uncounted);
        return holds;
    }

    private static Map<String, Object> row(Report report) {
        Map<String, Object> figures = report.figures();
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("tok/s", figures.get("output_tokens_per_s"));
        row.put("TTFT p50", Json.at(figures, "ttft_ms", "p50"));
        row.put("p99", Json.at(figures, "ttft_ms", "p99"));
        row.put("TPOT p50", Json.at(figures, "tpot_ms", "p50"));
        row.put("driver CPU %", figures.get("driver_cpu_percent"));
        row.put("driver ms/1000 tok", figures.get("driver_ms_per_1000_tokens"));
        if (Json.at(figures, "engine", "weight_bytes_per_token") instanceof Double weights) {
            double rows = (Double) Json.at(figures, "engine", "table_bytes_per_token");
            row.put("tokens/step", Json.at(figures, "engine", "tokens_per_step"));
            row.put("step ms", Json.at(figures, "engine", "step_ms"));
            double between = (Double) Json.at(figures, "engine", "between_steps_ms");
            row.put("between ms", between);
            row.put("between %", 100 * between / (Double) Json.at(figures, "engine", "step_ms"));
            row.put("weight B/token", weights);
            row.put("table B/token", rows);
            row.put("B/token", weights + rows);
            row.put("unique rows/token", Json.at(figures, "engine", "unique_rows_per_token"));
        }
        return row;
    }

    private static double value(Map<String, Object> row, String name) {
        return row.get(name) instanceof Double value ? value : Double.NaN;
    }

    private static Map<String, Object> median(List<Map<String, Object>> rows) {
        Map<String, Object> median = new LinkedHashMap<>();
        for (String name : rows.getFirst().keySet()) {
            ToDoubleFunction<Map<String, Object>> column = row -> value(row, name);
            median.put(name, Report.median(rows.stream().mapToDouble(column).toArray()));
        }
        return median;
    }
}
