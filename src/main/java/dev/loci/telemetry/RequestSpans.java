package dev.loci.telemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.TimeUnit;

/// Begins the spans of requests.
@Singleton
final class RequestSpans {
    private final Tracer tracer;
    private final TelemetryOptions options;

    @Inject
    RequestSpans(OpenTelemetry telemetry, TelemetryOptions options) {
        this.tracer = telemetry.getTracer(Names.SCOPE);
        this.options = options;
    }

    RequestSpan begin(Operation operation, String model, Clock clock, Context parent) {
        Span span = tracer.spanBuilder(operation.value() + " " + model)
                .setParent(parent)
                .setSpanKind(SpanKind.INTERNAL)
                .setStartTimestamp(clock.epochNanos(), TimeUnit.NANOSECONDS)
                .setAttribute(Names.OPERATION_NAME, operation.value())
                .setAttribute(Names.PROVIDER_NAME, Names.PROVIDER)
                .setAttribute(Names.REQUEST_MODEL, model)
                .setAttribute(Names.RESPONSE_MODEL, model)
                .startSpan();
        return new RequestSpan(tracer, clock, span, options);
    }
}
