package dev.loci.telemetry;

import java.util.Map;

/// How names of OpenTelemetry become Prometheus': other characters become underscores, the unit is appended, and
/// `_total` to counters.
final class PrometheusNames {
    private static final Map<String, String> UNITS = Map.of(
            "s", "seconds",
            "ms", "milliseconds",
            "By", "bytes");

    private PrometheusNames() {}

    static String metric(String name, String unit, Family.Type type) {
        String whole = label(name);
        String suffix = UNITS.getOrDefault(unit, "");
        if (unit.equals("1") && type == Family.Type.GAUGE) {
            suffix = "ratio";
        }
        if (!suffix.isEmpty() && !whole.endsWith("_" + suffix)) {
            whole += "_" + suffix;
        }
        return type == Family.Type.COUNTER && !whole.endsWith("_total") ? whole + "_total" : whole;
    }

    static String label(String name) {
        StringBuilder out = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
            boolean digit = c >= '0' && c <= '9' && i > 0;
            out.append(letter || digit ? c : '_');
        }
        return out.toString();
    }
}
