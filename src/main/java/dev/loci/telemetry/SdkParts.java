package dev.loci.telemetry;

import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdkBuilder;
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

/// What Loci adds to the SDK that Quarkus puts together.
@Singleton
final class SdkParts implements AutoConfiguredOpenTelemetrySdkBuilderCustomizer {
    /// With a receiver's answer, as the conventions have it for what sends to it.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

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

    /// Nobody records what nobody receives; otherwise the caller's decision holds, or chance where there is none.
    @Produces
    @Singleton
    static Sampler sampler(TelemetryOptions options) {
        return options.exported()
                ? Sampler.parentBased(Sampler.traceIdRatioBased(options.sample()))
                : Sampler.alwaysOff();
    }
}
