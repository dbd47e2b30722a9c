package dev.loci.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `perf/scrape`: a server under load, scraped by Prometheus; each expression of the dashboard and the rules must give
/// data.
final class Scrape {
    private static final String USAGE = """
            usage: perf/scrape [OPTION]... [-- OPTION OF loci serve...]   do dashboard and rules find what they ask for?

            --seconds S (30) of load  --clients C (4)  --prometheus PROGRAM  --promtool PROGRAM (both: on the PATH)""";

    private static final Path DOCS = Path.of(System.getProperty("loci.root"), "docs", "observability");
    private static final List<Path> RULES = List.of(DOCS.resolve("recording.yml"), DOCS.resolve("alerts.yml"));
    /// A comparison outside of braces and quotes, which is skipped as a whole.
    private static final Pattern COMPARISON =
            Pattern.compile("\\{[^}]*}|\"[^\"]*\"|(==|!=|>=|<=|>|<)(?!\\s*bool\\b)");

    private Scrape() {}

    public static void main(String[] words) {
        Programs.run("scrape", USAGE, () -> run(words));
    }

    private static int run(String[] words) throws IOException, InterruptedException {
        Arguments arguments = Arguments.parse(words, Set.of("help"));
        if (arguments.flag("help")) {
            System.out.println(USAGE);
            return 0;
        }
        int seconds = arguments.integer("seconds", 30);
        int clients = arguments.integer("clients", 4);
        String prometheus = arguments.text("prometheus", "prometheus");
        String promtool = arguments.text("promtool", "promtool");
        arguments.refuseOthers();
        boolean holds = checkRules(promtool);
        Path folder = Files.createDirectories(Path.of(System.getProperty("loci.root"), "target", "perf", "scrape"));
        try (ServerProcess.Started server = ServerProcess.Started.start("scrape", arguments.rest(), "");
                Prometheus watcher = Prometheus.start(prometheus, folder, server.http().port(), RULES)) {
            load(server, clients, seconds);
            holds &= checkDashboard(watcher);
            holds &= checkRules(watcher);
        }
        return holds ? 0 : 1;
    }

    private static boolean checkRules(String promtool) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(promtool, "check", "rules"));
        RULES.forEach(file -> command.add(file.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes());
        return Programs.check(process.waitFor() == 0, "promtool check rules", said.replaceAll("\\s+", " "));
    }

    /// Requests of every fate: whole, broken off, refused.
    private static void load(ServerProcess.Started server, int clients, int seconds) throws InterruptedException {
        String[] shape = {
            "--prompt-tokens", "64", "--new-tokens", "32", "--ignore-eos", "--cancel-share", "0.2", "--prefix-tokens",
            "32", "--prefix-share", "0.5"
        };
        Workload workload = Workload.parse(Arguments.parse(shape, Workload.FLAGS), server.model());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (int part = 0; part < 2 || System.nanoTime() - end < 0; part++) {
            new Load(server.http(), workload.reseeded(part), Load.Arrivals.count(clients, 4 * clients)).run();
            refuse(server.http());
            // a collection, of which there are figures only once there was one
            server.holder().holdings();
        }
    }

    private static void refuse(Http http) {
        try {
            http.whole(http.post("/v1/completions", "", "{\"model\":\"no such model\",\"prompt\":\"a\"}"));
        } catch (IOException e) {
            throw new Arguments.Wrong("server: expected one that refuses a model, found " + e);
        }
    }

    private static boolean checkDashboard(Prometheus prometheus) throws IOException {
        boolean holds = true;
        int count = 0;
        Object dashboard = Json.parse(Files.readString(DOCS.resolve("dashboard.json")));
        for (Object panel : list(dashboard, "panels")) {
            for (Object target : list(panel, "targets")) {
                String expression = String.valueOf(Json.at(target, "expr"))
                        .replace("$__rate_interval", "20s")
                        .replace("$instance", ".*");
                holds &= check(prometheus, "panel " + Json.at(panel, "title"), expression);
                count++;
            }
        }
        return Programs.check(holds && count > 0, "expressions of the dashboard give data", count + " asked");
    }

    private static List<?> list(Object value, String name) {
        return Json.at(value, name) instanceof List<?> found ? found : List.of();
    }

    private static boolean checkRules(Prometheus prometheus) throws IOException {
        boolean holds = true;
        List<Prometheus.Rule> rules = prometheus.rules();
        for (Prometheus.Rule rule : rules) {
            holds &= rule.healthy() || Programs.check(false, "rule " + rule.name(), "not evaluated without an error");
            holds &= check(prometheus, "rule " + rule.name(), rule.alert() ? ofBoth(rule.query()) : rule.query());
        }
        return Programs.check(holds && !rules.isEmpty(), "expressions of the rules give data", rules.size() + " asked");
    }

    /// An alert gives nothing while all is well: with `bool`, comparisons give 0 or 1 where both sides are there.
    private static String ofBoth(String query) {
        Matcher matcher = COMPARISON.matcher(query);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String found = matcher.group(1) == null ? matcher.group() : matcher.group() + " bool";
            matcher.appendReplacement(out, Matcher.quoteReplacement(found));
        }
        return matcher.appendTail(out).toString();
    }

    private static boolean check(Prometheus prometheus, String what, String expression) throws IOException {
        OptionalDouble value = prometheus.first(expression);
        return value.isPresent() || Programs.check(false, what + ": data for " + expression, "none");
    }
}
