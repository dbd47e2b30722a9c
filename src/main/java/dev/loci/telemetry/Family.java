package dev.loci.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.metrics.data.DoublePointData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.metrics.data.SumData;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// A metric as Prometheus has it.
/// @param name   without what is appended for the samples of a histogram
/// @param points each with its labels; all of the kind that the type has
record Family(String name, Type type, String help, List<Point> points) {
    enum Type {
        COUNTER,
        GAUGE,
        HISTOGRAM
    }

    /// Its attributes become labels.
    sealed interface Point {
        Attributes attributes();
    }

    record Value(Attributes attributes, double value) implements Point {}

    /// @param counts one more than bounds, not cumulative
    record Buckets(Attributes attributes, List<Double> bounds, List<Long> counts, double sum) implements Point {
        Buckets {
            bounds = List.copyOf(bounds);
            counts = List.copyOf(counts);
        }
    }

    Family {
        points = List.copyOf(points);
    }

    /// Empty for kinds that Loci has none of: summaries and exponential histograms.
    static Optional<Family> of(MetricData metric) {
        return switch (metric.getType()) {
            case LONG_GAUGE ->
                Optional.of(of(metric, Type.GAUGE, metric.getLongGaugeData().getPoints()));
            case DOUBLE_GAUGE ->
                Optional.of(of(metric, Type.GAUGE, metric.getDoubleGaugeData().getPoints()));
            case LONG_SUM ->
                Optional.of(of(
                        metric,
                        type(metric.getLongSumData()),
                        metric.getLongSumData().getPoints()));
            case DOUBLE_SUM ->
                Optional.of(of(
                        metric,
                        type(metric.getDoubleSumData()),
                        metric.getDoubleSumData().getPoints()));
            case HISTOGRAM ->
                Optional.of(of(metric, Type.HISTOGRAM, metric.getHistogramData().getPoints()));
            case SUMMARY, EXPONENTIAL_HISTOGRAM -> Optional.empty();
        };
    }

    private static Type type(SumData<?> sum) {
        return sum.isMonotonic() ? Type.COUNTER : Type.GAUGE;
    }

    private static Family of(MetricData metric, Type type, Collection<? extends PointData> points) {
        return new Family(
                PrometheusNames.metric(metric.getName(), metric.getUnit(), type),
                type,
                metric.getDescription(),
                points.stream().map(Family::point).toList());
    }

    private static Point point(PointData point) {
        return switch (point) {
            case LongPointData number -> new Value(number.getAttributes(), (double) number.getValue());
            case DoublePointData number -> new Value(number.getAttributes(), number.getValue());
            case HistogramPointData histogram ->
                new Buckets(
                        histogram.getAttributes(),
                        histogram.getBoundaries(),
                        histogram.getCounts(),
                        histogram.getSum());
            default -> throw new IllegalArgumentException("point: expected a number or a histogram, found " + point);
        };
    }
}
