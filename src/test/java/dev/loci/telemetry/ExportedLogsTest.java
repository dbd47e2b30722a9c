package dev.loci.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.HexFormat;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(
        value = OtlpReceiver.class,
        scope = TestResourceScope.RESTRICTED_TO_CLASS,
        initArgs = @ResourceArg(name = "loci.telemetry.logs.otlp", value = "true"))
final class ExportedLogsTest {
    @Inject
    OpenTelemetry telemetry;

    @Test
    void aLineOfTheLogBelongsToItsSpan() {
        Span span = telemetry.getTracer("test").spanBuilder("work").startSpan();
        try (Scope scope = span.makeCurrent()) {
            // what a line of JSON has too
            assertThat(MDC.get("traceId"))
                    .as("in %s", scope)
                    .isEqualTo(span.getSpanContext().getTraceId());
            Logger.getLogger("dev.loci").warn("something to tell");
        } finally {
            span.end();
        }
        LogRecord line =
                OtlpReceiver.log(record -> record.getBody().getStringValue().equals("something to tell"));
        assertThat(line.getSeverityText()).isIn("WARN", "WARNING");
        assertThat(HexFormat.of().formatHex(line.getTraceId().toByteArray()))
                .isEqualTo(span.getSpanContext().getTraceId());
    }
}
