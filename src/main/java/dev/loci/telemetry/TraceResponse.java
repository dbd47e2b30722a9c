package dev.loci.telemetry;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/// Tells the caller which trace its request belongs to, where that is recorded: W3C's `traceresponse`, in the form of
/// `traceparent`.
final class TraceResponse {
    private static final String HEADER = "traceresponse";

    @ServerResponseFilter
    void tell(ContainerResponseContext response) {
        SpanContext span = Span.current().getSpanContext();
        if (span.isSampled()) {
            response.getHeaders()
                    .putSingle(
                            HEADER,
                            "00-" + span.getTraceId() + "-" + span.getSpanId() + "-"
                                    + span.getTraceFlags().asHex());
        }
    }
}
