package dev.loci.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A generation that fails on its way: scalar ops are too slow for what is asked.
@QuarkusTest
@WithTestResource(
        value = OtlpReceiver.class,
        scope = TestResourceScope.RESTRICTED_TO_CLASS,
        initArgs = {
            @ResourceArg(name = "loci.kernels.backend", value = "scalar"),
            @ResourceArg(name = "loci.requests.timeout", value = "500ms")
        })
final class TimedOutRequestTest {
    @TestHTTPResource("/")
    URI server;

    private static boolean has(List<KeyValue> attributes, String key, String value) {
        return attributes.stream()
                .anyMatch(each -> each.getKey().equals(key)
                        && each.getValue().getStringValue().equals(value));
    }

    @Test
    void itsSpanAndItsDurationSayWhy() {
        HttpResponse<String> response = new Requests(server)
                .post("/v1/completions", "{\"prompt\":\"a\",\"max_tokens\":1000,\"ignore_eos\":true}", Map.of());
        assertThat(response.statusCode()).isEqualTo(504);

        String name = "text_completion loci-mini";
        Span span = OtlpReceiver.spansWith(name, each -> each.getName().equals(name)).stream()
                .filter(each -> each.getName().equals(name))
                .findFirst()
                .orElseThrow();
        assertThat(has(span.getAttributesList(), "error.type", "timeout")).isTrue();
        assertThat(span.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
        assertThat(span.getAttributesList())
                .filteredOn(each -> each.getKey().equals("gen_ai.response.finish_reasons"))
                .singleElement()
                .satisfies(each -> assertThat(
                                each.getValue().getArrayValue().getValues(0).getStringValue())
                        .isEqualTo("error"));
        Metric duration = OtlpReceiver.metric(
                "gen_ai.server.request.duration",
                metric -> metric.getHistogram().getDataPointsList().stream()
                        .anyMatch(point -> has(point.getAttributesList(), "error.type", "timeout")));
        assertThat(duration.getHistogram().getDataPoints(0).getSum()).isGreaterThanOrEqualTo(0.5);
        assertThat(OtlpReceiver.metricNames())
                .as("it was not refused, and nobody knows what is in RAM without the native library")
                .contains("loci.table.size")
                .doesNotContain("loci.requests.rejected", "loci.table.resident", "loci.table.residency");
        Metric finished = OtlpReceiver.metric("loci.generations.finished", _ -> true);
        assertThat(finished.getSum().getDataPointsList())
                .allSatisfy(point -> assertThat(has(point.getAttributesList(), "reason", "error"))
                        .isTrue());
    }
}
