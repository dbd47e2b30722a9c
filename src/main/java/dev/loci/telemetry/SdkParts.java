package dev.loci.telemetry;

import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdkBuilder;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.quarkus.opentelemetry.runtime.AutoConfiguredOpenTelemetrySdkBuilderCustomizer;
import io.quarkus.opentelemetry.runtime.config.runtime.OTelRuntimeConfig;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// What Loci adds to the SDK that Quarkus puts together.
@Singleton
final class SdkParts implements AutoConfiguredOpenTelemetrySdkBuilderCustomizer {
    /// With a receiver's answer, as the conventions have it for what sends to it.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// As Quarkus records it, without `url.scheme`: clients write into that what they like, by `Forwarded`.
    private static final View HTTP_DURATION = View.builder()
            .setAttributeFilter(Set.of(
                    "http.request.method",
                    "http.route",
                    "http.response.status_code",
                    "error.type",
                    "network.protocol.version"))
            .setAggregation(Aggregation.explicitBucketHistogram(
                    List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)))
            .build();

    private final Scrapes scrapes;
    private final StepMetrics steps;
    private final TelemetryOptions options;
    private final Instance<MetricExporter> exporter;
    private final OTelRuntimeConfig config;

    @Inject
    SdkParts(
            Scrapes scrapes,
            StepMetrics steps,
            TelemetryOptions options,
            Instance<MetricExporter> exporter,
            OTelRuntimeConfig config) {
        this.scrapes = scrapes;
        this.steps = steps;
        this.options = options;
        this.exporter = exporter;
        this.config = config;
    }

    @Override
    public void customize(AutoConfiguredOpenTelemetrySdkBuilder builder) {
        builder.addMeterProviderCustomizer((meters, _) -> {
            meters.registerMetricProducer(steps);
            meters.registerView(
                    InstrumentSelector.builder()
                            .setName("http.server.request.duration")
                            .build(),
                    HTTP_DURATION);
            return options.exported() ? meters.registerMetricReader(scrapes) : meters;
        });
        builder.addMetricReaderCustomizer(
                (reader, _) -> reader instanceof PeriodicMetricReader ? inItsPlace() : reader);
    }

    /// Where nothing is sent, nothing is read but what is asked for.
    private MetricReader inItsPlace() {
        return options.exported()
                ? new PushedMetrics(exporter.get(), config.metric().exportInterval(), PATIENCE)
                : scrapes;
    }

    /// Nobody records what nobody receives; otherwise the caller's decision holds, or chance where there is none. A
    /// step
    /// has no caller: it is recorded with the requests that it is linked to.
    @Produces
    @Singleton
    static Sampler sampler(TelemetryOptions options) {
        return options.exported()
                ? Sampler.parentBased(new LinkSampler(Sampler.traceIdRatioBased(options.sample())))
                : Sampler.alwaysOff();
    }
}
