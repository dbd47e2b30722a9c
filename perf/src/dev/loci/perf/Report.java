package dev.loci.perf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/// The figures of one run. Latencies are of requests that were sent in the window; rates count what came in it.
final class Report {
    /// What a user still calls prompt.
    record Slo(double ttftMillis, double tpotMillis) {
        boolean holds(Outcome outcome) {
            return outcome.kind() == Outcome.Kind.OK
                    && outcome.hasFirst()
                    && outcome.ttftMillis() <= ttftMillis
                    && (!outcome.hasTpot() || outcome.tpotMillis() <= tpotMillis);
        }

        static Slo parse(Arguments arguments) {
            return new Slo(arguments.number("slo-ttft-ms", 2000), arguments.number("slo-tpot-ms", 100));
        }
    }

    private final Load.Result result;
    private final Slo slo;

    Report(Load.Result result, Slo slo) {
        this.result = result;
        this.slo = slo;
    }

    long count(Outcome.Kind kind) {
        return result.outcomes().stream()
                .filter(outcome -> outcome.kind() == kind)
                .count();
    }

    int total() {
        return result.outcomes().size();
    }

    /// Answers of a status that do not say when to come again.
    long without(int status) {
        return result.outcomes().stream()
                .filter(outcome -> outcome.status() == status && outcome.retryAfter() < 1)
                .count();
    }

    /// Answers other than those of admitted requests, and how often each came.
    Map<String, Long> reasons(Outcome.Kind kind) {
        return reasons(kind, _ -> true);
    }

    Map<String, Long> reasons(Outcome.Kind kind, Predicate<Outcome> of) {
        Map<String, Long> reasons = new TreeMap<>();
        for (Outcome outcome : result.outcomes()) {
            if (outcome.kind() == kind && of.test(outcome)) {
                reasons.merge(outcome.reason(), 1L, Long::sum);
            }
        }
        return reasons;
    }

    double tokensPerSecond() {
        return result.outcomes().stream().mapToDouble(Outcome::tokensInWindow).sum() / result.seconds();
    }

    private boolean ends(Outcome outcome) {
        return outcome.endNanos() - result.window().start() >= 0
                && outcome.endNanos() - result.window().end() <= 0;
    }

    /// Of the time of all processors.
    double driverPercent() {
        return 100
                * result.driverMillis()
                / 1000
                / result.seconds()
                / Runtime.getRuntime().availableProcessors();
    }

    double finishedPerSecond() {
        return result.outcomes().stream()
                        .filter(outcome -> outcome.kind() == Outcome.Kind.OK && ends(outcome))
                        .count()
                / result.seconds();
    }

    double goodput() {
        return result.outcomes().stream()
                        .filter(outcome -> slo.holds(outcome) && ends(outcome))
                        .count()
                / result.seconds();
    }

    /// Of the admitted requests that were sent in the window, the share that met the SLO.
    double goodShare() {
        long admitted = result.outcomes().stream()
                .filter(outcome -> outcome.kind() == Outcome.Kind.OK && isSentInWindow(outcome))
                .count();
        long good = result.outcomes().stream()
                .filter(outcome -> slo.holds(outcome) && isSentInWindow(outcome))
                .count();
        return admitted == 0 ? 0 : (double) good / admitted;
    }

    private boolean isSentInWindow(Outcome outcome) {
        return outcome.sentNanos() - result.window().start() >= 0;
    }

    double[] ttft(Predicate<Outcome> of) {
        return result.outcomes().stream()
                .filter(of)
                .filter(outcome -> outcome.hasFirst() && isSentInWindow(outcome))
                .mapToDouble(Outcome::ttftMillis)
                .sorted()
                .toArray();
    }

    double[] tpot(Predicate<Outcome> of) {
        return result.outcomes().stream()
                .filter(of)
                .filter(outcome -> outcome.hasTpot() && isSentInWindow(outcome))
                .mapToDouble(Outcome::tpotMillis)
                .sorted()
                .toArray();
    }

    /// Nearest rank; NaN of nothing.
    static double percentile(double[] sorted, double percent) {
        return sorted.length == 0
                ? Double.NaN
                : sorted[Math.max(0, (int) Math.ceil(sorted.length * percent / 100) - 1)];
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return percentile(sorted, 50);
    }

    Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("seconds", result.seconds());
        for (Outcome.Kind kind : Outcome.Kind.values()) {
            figures.put(kind.name().toLowerCase(Locale.ROOT), count(kind));
        }
        figures.put("refusals", reasons(Outcome.Kind.REFUSED));
        figures.put("failures", reasons(Outcome.Kind.FAILED));
        figures.put("output_tokens_per_s", tokensPerSecond());
        figures.put("requests_per_s", finishedPerSecond());
        figures.put("driver_cpu_percent", driverPercent());
        figures.put("driver_ms_per_1000_tokens", result.driverMillis() / tokensPerSecond() / result.seconds() * 1000);
        figures.put("ttft_ms", latency(ttft(_ -> true)));
        figures.put("tpot_ms", latency(tpot(_ -> true)));
        figures.put("slo_ttft_ms", slo.ttftMillis());
        figures.put("slo_tpot_ms", slo.tpotMillis());
        figures.put("goodput_requests_per_s", goodput());
        figures.put("goodput_share", goodShare());
        Map<String, Object> keys = keys();
        if (keys.size() > 1) {
            figures.put("keys", keys);
        }
        if (result.before().isPresent() && result.after().isPresent()) {
            figures.put("engine", result.after().get().since(result.before().get()));
        }
        if (!result.lagMillis().isEmpty()) {
            figures.put(
                    "driver_lag_ms",
                    latency(result.lagMillis().stream()
                            .mapToDouble(Double::doubleValue)
                            .sorted()
                            .toArray()));
        }
        return figures;
    }

    private Map<String, Object> keys() {
        Map<String, Object> keys = new TreeMap<>();
        for (String key :
                result.outcomes().stream().map(Outcome::key).distinct().toList()) {
            Map<String, Object> figures = new LinkedHashMap<>();
            for (Outcome.Kind kind : Outcome.Kind.values()) {
                figures.put(
                        kind.name().toLowerCase(Locale.ROOT),
                        result.outcomes().stream()
                                .filter(outcome -> outcome.key().equals(key) && outcome.kind() == kind)
                                .count());
            }
            figures.put("ttft_ms", latency(ttft(outcome -> outcome.key().equals(key))));
            figures.put("tpot_ms", latency(tpot(outcome -> outcome.key().equals(key))));
            keys.put(key.isEmpty() ? "(no key)" : key, figures);
        }
        return keys;
    }

    private static Map<String, Object> latency(double[] sorted) {
        Map<String, Object> latency = new LinkedHashMap<>();
        latency.put("count", sorted.length);
        latency.put("p50", percentile(sorted, 50));
        latency.put("p95", percentile(sorted, 95));
        latency.put("p99", percentile(sorted, 99));
        latency.put("max", percentile(sorted, 100));
        return latency;
    }

    /// Figures as lines, a map of plain values on one line.
    static String text(Map<?, ?> figures) {
        List<String> lines = new ArrayList<>();
        lines("", figures, lines);
        return String.join("\n", lines);
    }

    static String line(String name, Map<?, ?> figures) {
        return String.format(Locale.ROOT, "%-12s %s", name, plain(figures));
    }

    private static void lines(String prefix, Map<?, ?> figures, List<String> lines) {
        figures.forEach((name, value) -> {
            if (value instanceof Map<?, ?> map && map.isEmpty()) {
                return;
            }
            boolean nested = value instanceof Map<?, ?> map
                    && (map.values().stream().anyMatch(Map.class::isInstance) || map.containsKey("steps"));
            if (nested) {
                lines(prefix + name + " ", (Map<?, ?>) value, lines);
            } else {
                lines.add(String.format(Locale.ROOT, "%-34s %s", prefix + name, plain(value)));
            }
        });
    }

    private static String plain(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                List<String> parts = new ArrayList<>();
                map.forEach((name, each) -> parts.add(name + " " + plain(each)));
                yield String.join("  ", parts);
            }
            case Double number -> number(number);
            default -> String.valueOf(value);
        };
    }

    static String number(double value) {
        return Double.isNaN(value)
                ? "-"
                : String.format(
                        Locale.ROOT, Math.abs(value) >= 1000 ? "%.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }
}
