package dev.loci.cli.bench;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/// One figure: the median of its runs.
/// @param parameters of the case, in the order of the table
/// @param limit      of the machine, in the same unit
/// @param error      greatest difference from the scalar reference, as a share of the greatest value
public record BenchRecord(
        String name,
        Map<String, Object> parameters,
        String unit,
        OptionalDouble limit,
        OptionalDouble error,
        List<Double> runs) {
    public BenchRecord {
        Objects.requireNonNull(name, "name");
        parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
        runs = List.copyOf(runs);
        if (runs.isEmpty()) {
            throw new IllegalArgumentException(name + ", runs: expected at least 1, found none");
        }
    }

    /// A figure without a limit.
    public static BenchRecord of(String name, Map<String, Object> parameters, String unit, List<Double> runs) {
        return new BenchRecord(name, parameters, unit, OptionalDouble.empty(), OptionalDouble.empty(), runs);
    }

    BenchRecord within(double most) {
        return new BenchRecord(name, parameters, unit, OptionalDouble.of(most), error, runs);
    }

    /// Median of the runs.
    public double value() {
        double[] sorted =
                runs.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// Value over limit.
    public OptionalDouble ratio() {
        return limit.isPresent() ? OptionalDouble.of(value() / limit.getAsDouble()) : OptionalDouble.empty();
    }

    /// As it stands in the file: what is not known is left out.
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.putAll(parameters);
        json.put("value", value());
        json.put("unit", unit);
        limit.ifPresent(most -> json.put("limit", most));
        ratio().ifPresent(share -> json.put("ratio", share));
        error.ifPresent(most -> json.put("error", most));
        json.put("runs", runs);
        return json;
    }
}
