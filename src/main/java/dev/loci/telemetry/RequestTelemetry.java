package dev.loci.telemetry;

import io.opentelemetry.context.Context;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/// Keeps account of requests: one [RequestRecord] for each, from its arrival to the end of its answer.
@Singleton
public final class RequestTelemetry {
    private final TelemetryOptions options;
    private final RequestMetrics metrics;
    private final RequestSpans spans;
    private final EngineTelemetry engine;
    private final Background background;

    @Inject
    RequestTelemetry(
            TelemetryOptions options,
            RequestMetrics metrics,
            RequestSpans spans,
            EngineTelemetry engine,
            Background background) {
        this.options = options;
        this.metrics = metrics;
        this.spans = spans;
        this.engine = engine;
        this.background = background;
    }

    /// A request has arrived; its span belongs to the one of HTTP that is current.
    /// @param model the served one's name, whatever the client calls it
    public RequestRecord begin(Operation operation, String model) {
        if (!options.enabled()) {
            return RequestRecord.nothing();
        }
        Clock clock = Clock.now();
        RequestSpan span = spans.begin(operation, model, clock, Context.current());
        return new KeptRecord(operation, model, clock, span, metrics, engine, background);
    }
}
