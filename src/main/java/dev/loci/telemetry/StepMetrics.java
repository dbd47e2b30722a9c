package dev.loci.telemetry;

import dev.loci.engine.StepStats;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.HistogramData;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricProducer;
import io.opentelemetry.sdk.resources.Resource;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.LongStream;

/// Distributions that the engine's thread counts itself: an instrument would make it take locks.
@Singleton
final class StepMetrics implements MetricProducer {
    private static final double NANOS = 1e-9;

    /// Looked up when it is asked: what it is made of needs the SDK, which has this in it.
    private final Instance<ModelFigures> source;

    private final long start = Clock.now().epochNanos();

    @Inject
    StepMetrics(Instance<ModelFigures> source) {
        this.source = source;
    }

    @Override
    public Collection<MetricData> produce(Resource resource) {
        return source.get().figures().map(now -> produce(resource, now)).orElse(List.of());
    }

    private List<MetricData> produce(Resource resource, ModelFigures.Figures now) {
        Attributes model = Attributes.of(Names.MODEL, now.model());
        StepStats steps = now.steps();
        return List.of(
                new ProducedHistogram(
                        resource,
                        "loci.engine.step.duration",
                        "How long steps took.",
                        "s",
                        data(steps.stepNanos(), NANOS, model)),
                new ProducedHistogram(
                        resource,
                        "loci.engine.step.tokens",
                        "Tokens of a step.",
                        "{token}",
                        data(steps.tokens(), 1, model)),
                new ProducedHistogram(
                        resource,
                        "loci.engine.step.sequences",
                        "Sequences in a step.",
                        "{sequence}",
                        data(steps.sequences(), 1, model)),
                new ProducedHistogram(
                        resource,
                        "loci.engine.token.gap",
                        "Between one token of a sequence and its next.",
                        "s",
                        data(steps.gapNanos(), NANOS, model)));
    }

    private HistogramData data(StepStats.Distribution distribution, double unit, Attributes model) {
        List<Double> bounds = Arrays.stream(distribution.bounds())
                .mapToObj(bound -> unit == 1 ? (double) bound : bound / 1e9)
                .toList();
        List<Long> counts = LongStream.of(distribution.counts()).boxed().toList();
        return HistogramData.create(
                AggregationTemporality.CUMULATIVE,
                List.of(HistogramPointData.create(
                        start,
                        Clock.now().epochNanos(),
                        model,
                        distribution.sum() * unit,
                        false,
                        0,
                        false,
                        0,
                        bounds,
                        counts)));
    }
}
