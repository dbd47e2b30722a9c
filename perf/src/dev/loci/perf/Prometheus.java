package dev.loci.perf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/// A Prometheus of its own, which scrapes one server every second.
final class Prometheus implements AutoCloseable {
    private static final long START_SECONDS = 60;

    /// @param query what it computes; for an alert, when it fires
    record Rule(String name, String query, boolean alert, boolean healthy) {}

    private final Process process;
    private final Http http;

    private Prometheus(Process process, Http http) {
        this.process = process;
        this.http = http;
    }

    /// @param program its name or path
    /// @param folder  for its files
    /// @param rules   evaluated every second, whatever they say
    static Prometheus start(String program, Path folder, int port, List<Path> rules)
            throws IOException, InterruptedException {
        StringBuilder config = new StringBuilder("global:\n  scrape_interval: 1s\n  evaluation_interval: 1s\n");
        config.append("rule_files:\n");
        for (Path file : rules) {
            Path copy = folder.resolve(file.getFileName());
            Files.writeString(copy, Files.readString(file).replace("interval: 30s", "interval: 1s"));
            config.append("  - ").append(copy).append('\n');
        }
        config.append("scrape_configs:\n  - job_name: loci\n    metrics_path: /q/metrics\n")
                .append("    static_configs:\n      - targets: ['127.0.0.1:")
                .append(port)
                .append("']\n");
        Path file = Files.writeString(folder.resolve("prometheus.yml"), config);
        int own = freePort();
        Process process = new ProcessBuilder(
                        program,
                        "--config.file=" + file,
                        "--storage.tsdb.path=" + Files.createTempDirectory(folder, "tsdb-"),
                        "--web.listen-address=127.0.0.1:" + own)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        Http http = new Http("http://127.0.0.1:" + own);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (process.isAlive() && System.nanoTime() - deadline < 0) {
            try {
                if (http.get("/-/ready").status() == 200) {
                    return new Prometheus(process, http);
                }
            } catch (IOException e) {
                // not listening yet
            }
            Thread.sleep(100);
        }
        process.destroyForcibly();
        throw new Arguments.Wrong("prometheus: expected one that answers, found none; see " + folder);
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    /// The first number that an expression gives now; empty where it gives none.
    OptionalDouble first(String expression) throws IOException {
        Http.Reply reply = http.get("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
        Object answer = Json.parse(reply.body());
        if (!"success".equals(Json.at(answer, "status"))) {
            throw new Arguments.Wrong("query: expected one that Prometheus reads, found " + expression + ": "
                    + Json.at(answer, "error"));
        }
        if (Json.at(answer, "data", "result") instanceof List<?> results) {
            for (Object result : results) {
                double value = Json.at(result, "value", 1) instanceof String text ? number(text) : Double.NaN;
                if (!Double.isNaN(value)) {
                    return OptionalDouble.of(value);
                }
            }
        }
        return OptionalDouble.empty();
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    List<Rule> rules() throws IOException {
        List<Rule> rules = new ArrayList<>();
        Object answer = Json.parse(http.get("/api/v1/rules").body());
        if (Json.at(answer, "data", "groups") instanceof List<?> groups) {
            for (Object group : groups) {
                if (Json.at(group, "rules") instanceof List<?> ofGroup) {
                    for (Object rule : ofGroup) {
                        rules.add(new Rule(
                                String.valueOf(Json.at(rule, "name")),
                                String.valueOf(Json.at(rule, "query")),
                                "alerting".equals(Json.at(rule, "type")),
                                "ok".equals(Json.at(rule, "health"))));
                    }
                }
            }
        }
        return rules;
    }

    @Override
    public void close() {
        http.closeIdle();
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
