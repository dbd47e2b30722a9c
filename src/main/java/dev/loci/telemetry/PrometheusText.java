package dev.loci.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.metrics.data.MetricData;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Writes Prometheus' text format, version 0.0.4.
final class PrometheusText {
    static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final String SDK = "io.opentelemetry.sdk.";

    private final StringBuilder out = new StringBuilder(1 << 15);

    /// All metrics but the SDK's own about itself, by name; those of one name are one family, whoever recorded them.
    static Map<String, Family> families(Collection<MetricData> metrics) {
        Map<String, Family> families = new TreeMap<>();
        metrics.stream()
                .filter(metric ->
                        !metric.getInstrumentationScopeInfo().getName().startsWith(SDK))
                .map(Family::of)
                .flatMap(Optional::stream)
                .forEach(family -> families.merge(family.name(), family, PrometheusText::merged));
        return families;
    }

    private static Family merged(Family one, Family other) {
        if (one.type() != other.type()) {
            throw new IllegalStateException(
                    "metric " + one.name() + ": expected one type, found " + one.type() + " and " + other.type());
        }
        List<Family.Point> points = new ArrayList<>(one.points());
        points.addAll(other.points());
        return new Family(one.name(), one.type(), one.help(), points);
    }

    static String of(Collection<Family> families) {
        PrometheusText text = new PrometheusText();
        families.stream().filter(family -> !family.points().isEmpty()).forEach(text::add);
        return text.out.toString();
    }

    private void add(Family family) {
        out.append("# HELP ").append(family.name()).append(' ');
        out.append(family.help().replace("\\", "\\\\").replace("\n", "\\n")).append('\n');
        out.append("# TYPE ").append(family.name()).append(' ');
        out.append(family.type().name().toLowerCase(Locale.ROOT)).append('\n');
        for (Family.Point point : family.points()) {
            switch (point) {
                case Family.Value value -> sample(family.name(), value.attributes(), Optional.empty(), value.value());
                case Family.Buckets buckets -> add(family.name(), buckets);
            }
        }
    }

    private void add(String name, Family.Buckets buckets) {
        long count = 0;
        for (int i = 0; i < buckets.counts().size(); i++) {
            count += buckets.counts().get(i);
            String bound = i < buckets.bounds().size() ? number(buckets.bounds().get(i)) : "+Inf";
            sample(name + "_bucket", buckets.attributes(), Optional.of(bound), (double) count);
        }
        sample(name + "_sum", buckets.attributes(), Optional.empty(), buckets.sum());
        sample(name + "_count", buckets.attributes(), Optional.empty(), (double) count);
    }

    private void sample(String name, Attributes attributes, Optional<String> bound, double value) {
        out.append(name);
        if (!attributes.isEmpty() || bound.isPresent()) {
            out.append('{');
            attributes.forEach((key, text) -> label(PrometheusNames.label(key.getKey()), String.valueOf(text)));
            bound.ifPresent(text -> label("le", text));
            // each label is followed by a comma
            out.setCharAt(out.length() - 1, '}');
        }
        out.append(' ').append(number(value)).append('\n');
    }

    private void label(String name, String value) {
        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
        out.append(name).append("=\"").append(escaped).append("\",");
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "+Inf" : "-Inf";
        }
        return Double.isNaN(value) ? "NaN" : Double.toString(value);
    }
}
