package dev.loci.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.context.Context;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Keeps account of requests: one [RequestRecord] for each, from its arrival to the end of its answer.
@Singleton
public final class RequestTelemetry {
    private final TelemetryOptions options;
    private final RequestMetrics metrics;
    private final RequestSpans spans;
    private final EngineTelemetry engine;
    private final Background background;
    private final Map<Kind, RequestLabels> labels = new ConcurrentHashMap<>();

    private record Kind(Operation operation, String model) {}

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

    /// A request was refused before it could begin.
    /// @param code of the answer
    public void refused(String code) {
        if (options.enabled()) {
            metrics.rejected(Attributes.of(Names.REASON, ErrorTypes.bounded(code)));
        }
    }

    /// A request has arrived; its span belongs to the one of HTTP that is current.
    /// @param model the served one's name, whatever the client calls it
    public RequestRecord begin(Operation operation, String model) {
        if (!options.enabled()) {
            return RequestRecord.nothing();
        }
        Clock clock = Clock.now();
        RequestSpan span = spans.begin(operation, model, clock, Context.current());
        return new KeptRecord(labels(operation, model), clock, span, metrics, engine, background);
    }

    private RequestLabels labels(Operation operation, String model) {
        return labels.computeIfAbsent(new Kind(operation, model), _ -> RequestLabels.of(operation, model));
    }
}
