package dev.loci.telemetry;

import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdkBuilder;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.quarkus.opentelemetry.runtime.AutoConfiguredOpenTelemetrySdkBuilderCustomizer;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/// What Loci adds to the SDK that Quarkus puts together.
@Singleton
final class SdkParts implements AutoConfiguredOpenTelemetrySdkBuilderCustomizer {
    private final Scrapes scrapes;
    private final StepMetrics steps;

    @Inject
    SdkParts(Scrapes scrapes, StepMetrics steps) {
        this.scrapes = scrapes;
        this.steps = steps;
    }

    @Override
    public void customize(AutoConfiguredOpenTelemetrySdkBuilder builder) {
        builder.addMeterProviderCustomizer(
                (meters, _) -> meters.registerMetricReader(scrapes).registerMetricProducer(steps));
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
