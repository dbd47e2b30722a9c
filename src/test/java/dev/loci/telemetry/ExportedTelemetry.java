package dev.loci.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Status;
import io.quarkus.test.common.http.TestHTTPResource;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a receiver of OTLP gets of streamed, failed and cancelled requests.
abstract class ExportedTelemetry {
    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETIONS = "/v1/completions";
    /// What the caller's span is, in each test another trace.
    private static final String CALLER = "00f067aa0ba902b7";

    private static final Map<String, List<Double>> BOUNDS = Map.of(
            "gen_ai.server.request.duration",
            List.of(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92),
            "gen_ai.server.time_to_first_token",
            List.of(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
            "gen_ai.server.time_per_output_token",
            List.of(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5),
            "gen_ai.client.token.usage",
            List.of(
                    1.0,
                    4.0,
                    16.0,
                    64.0,
                    256.0,
                    1024.0,
                    4096.0,
                    16384.0,
                    65536.0,
                    262144.0,
                    1048576.0,
                    4194304.0,
                    16777216.0,
                    67108864.0));

    @TestHTTPResource("/")
    URI server;

    private Requests requests;
    /// What the usages of this server's answers have said so far.
    private static long input;

    private static long output;

    @BeforeAll
    static void startAtZero() {
        input = 0;
        output = 0;
    }

    private static void count(JsonNode usage) {
        input += usage.get("prompt_tokens").longValue();
        output += usage.get("completion_tokens").longValue();
    }

    /// The server under test.
    URI server() {
        return server;
    }

    @BeforeEach
    void connect() {
        requests = new Requests(server());
    }

    private static String traceparent(String trace) {
        return "00-" + trace + "-" + CALLER + "-01";
    }

    private static String hex(com.google.protobuf.ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    private static Map<String, AnyValue> attributes(List<KeyValue> list) {
        Map<String, AnyValue> map = new TreeMap<>();
        list.forEach(each -> map.put(each.getKey(), each.getValue()));
        return map;
    }

    private static boolean has(List<KeyValue> list, String key, String value) {
        AnyValue found = attributes(list).get(key);
        return found != null && found.getStringValue().equals(value);
    }

    private static Map<String, AnyValue> attributes(Span span) {
        return attributes(span.getAttributesList());
    }

    /// Spans of one trace by name, once the span of HTTP, which ends last, is there too.
    private static Map<String, Span> trace(String trace, String generation) {
        OtlpReceiver.spansWith(
                generation,
                span -> hex(span.getTraceId()).equals(trace) && span.getName().equals(generation));
        List<Span> all = OtlpReceiver.spansWith(
                "SERVER span",
                span -> hex(span.getTraceId()).equals(trace) && span.getKind() == Span.SpanKind.SPAN_KIND_SERVER);
        Map<String, Span> spans = new TreeMap<>();
        all.stream()
                .filter(span -> hex(span.getTraceId()).equals(trace))
                .forEach(span -> spans.put(span.getName(), span));
        return spans;
    }

    @Test
    void aStreamedChatIsOneTrace() {
        String id = "4bf92f3577b34da6a3ce929d0e0e4736";
        String body = """
                {"messages":[{"role":"user","content":"Tell me a tale"}],"stream":true,"max_tokens":9,"temperature":0,
                 "seed":7,"top_k":5,"stop":["zzzz"],"ignore_eos":true,"stream_options":{"include_usage":true}}""";
        HttpResponse<String> answer = requests.post(CHAT, body, Map.of("traceparent", traceparent(id)));
        String events = answer.body();
        JsonNode usage = Requests.streamedUsage(events);
        count(usage);
        Map<String, Span> spans = trace(id, "chat loci-mini");

        assertThat(spans).containsOnlyKeys("POST " + CHAT, "chat loci-mini", "queue", "prefill", "decode");
        Span http = spans.get("POST " + CHAT);
        Span generation = spans.get("chat loci-mini");
        assertThat(http.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_SERVER);
        assertThat(hex(http.getParentSpanId())).isEqualTo(CALLER);
        assertThat(answer.headers().firstValue("traceresponse"))
                .contains("00-" + id + "-" + hex(http.getSpanId()) + "-01");
        assertThat(generation.getKind()).isEqualTo(Span.SpanKind.SPAN_KIND_INTERNAL);
        assertThat(generation.getParentSpanId()).isEqualTo(http.getSpanId());
        for (String child : List.of("queue", "prefill", "decode")) {
            assertThat(spans.get(child).getParentSpanId()).isEqualTo(generation.getSpanId());
        }
        assertThat(List.of(
                        generation.getStartTimeUnixNano(),
                        spans.get("queue").getStartTimeUnixNano(),
                        spans.get("prefill").getStartTimeUnixNano(),
                        spans.get("decode").getStartTimeUnixNano(),
                        spans.get("decode").getEndTimeUnixNano(),
                        generation.getEndTimeUnixNano()))
                .isSorted();
        Map<String, AnyValue> attributes = attributes(generation);
        assertThat(attributes.get("gen_ai.operation.name").getStringValue()).isEqualTo("chat");
        assertThat(attributes.get("gen_ai.provider.name").getStringValue()).isEqualTo("loci");
        assertThat(attributes.get("gen_ai.request.model").getStringValue()).isEqualTo("loci-mini");
        assertThat(attributes.get("gen_ai.response.model").getStringValue()).isEqualTo("loci-mini");
        assertThat(events)
                .contains("\"id\":\"" + attributes.get("gen_ai.response.id").getStringValue() + "\"");
        assertThat(attributes.get("gen_ai.request.max_tokens").getIntValue()).isEqualTo(9);
        assertThat(attributes.get("gen_ai.request.temperature").getDoubleValue())
                .isZero();
        assertThat(attributes.get("gen_ai.request.top_p").getDoubleValue()).isEqualTo(1);
        assertThat(attributes.get("gen_ai.request.top_k").getDoubleValue()).isEqualTo(5);
        assertThat(attributes.get("gen_ai.request.seed").getIntValue()).isEqualTo(7);
        assertThat(attributes
                        .get("gen_ai.request.stop_sequences")
                        .getArrayValue()
                        .getValues(0)
                        .getStringValue())
                .isEqualTo("zzzz");
        assertThat(attributes
                        .get("gen_ai.response.finish_reasons")
                        .getArrayValue()
                        .getValues(0)
                        .getStringValue())
                .isEqualTo("length");
        assertThat(attributes.get("gen_ai.usage.input_tokens").getIntValue())
                .isEqualTo(usage.get("prompt_tokens").intValue());
        assertThat(attributes.get("gen_ai.usage.output_tokens").getIntValue())
                .isEqualTo(usage.get("completion_tokens").intValue())
                .isEqualTo(9);
        assertThat(attributes).doesNotContainKeys("error.type", "gen_ai.input.messages");
        assertThat(spans.values().toString()).doesNotContain("Tell me a tale");
        assertThat(OtlpReceiver.resourceAttributes()).contains("service.name=loci");
    }

    @Test
    void aFailedRequestSaysWhy() {
        String id = "5bf92f3577b34da6a3ce929d0e0e4736";
        requests.post(
                COMPLETIONS,
                "{\"model\":\"another\",\"prompt\":\"secret words\"}",
                Map.of("traceparent", traceparent(id)));
        Map<String, Span> spans = trace(id, "text_completion loci-mini");

        Span generation = spans.get("text_completion loci-mini");
        assertThat(spans).hasSize(2);
        assertThat(attributes(generation).get("error.type").getStringValue()).isEqualTo("model_not_found");
        assertThat(generation.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
        assertThat(spans.values().toString()).doesNotContain("another").doesNotContain("secret");
        Metric rejected = OtlpReceiver.metric(
                "loci.requests.rejected",
                metric -> metric.getSum().getDataPointsList().stream()
                        .anyMatch(point -> attributes(point.getAttributesList())
                                .get("reason")
                                .getStringValue()
                                .equals("model_not_found")));
        assertThat(rejected.getSum().getIsMonotonic()).isTrue();
    }

    @Test
    void aCancelledRequestSaysSoAndHowFarItCame() throws Exception {
        String id = "6bf92f3577b34da6a3ce929d0e0e4736";
        requests.abandon(
                COMPLETIONS,
                "{\"prompt\":\"a\",\"stream\":true,\"max_tokens\":1000,\"ignore_eos\":true}",
                traceparent(id));
        Map<String, Span> spans = trace(id, "text_completion loci-mini");

        Span generation = spans.get("text_completion loci-mini");
        Map<String, AnyValue> attributes = attributes(generation);
        assertThat(attributes.get("error.type").getStringValue()).isEqualTo("cancelled");
        assertThat(attributes
                        .get("gen_ai.response.finish_reasons")
                        .getArrayValue()
                        .getValues(0)
                        .getStringValue())
                .isEqualTo("cancelled");
        assertThat(attributes.get("gen_ai.usage.output_tokens").getIntValue()).isBetween(1L, 999L);
        assertThat(spans).containsKeys("queue", "prefill", "decode");
        Metric duration = OtlpReceiver.metric(
                "gen_ai.server.request.duration",
                metric -> metric.getHistogram().getDataPointsList().stream()
                        .anyMatch(point -> has(point.getAttributesList(), "error.type", "cancelled")));
        assertThat(duration.getUnit()).isEqualTo("s");
        OtlpReceiver.metric(
                "loci.generations.finished",
                metric -> metric.getSum().getDataPointsList().stream()
                        .anyMatch(point -> has(point.getAttributesList(), "reason", "cancelled")));
    }

    @Test
    void aClientThatLeavesBeforeItsAnswerIsCancelledToo() throws Exception {
        String id = "8bf92f3577b34da6a3ce929d0e0e4737";
        String body = "{\"prompt\":\"a\",\"n\":16,\"max_tokens\":1000,\"ignore_eos\":true}";
        try (Socket client = requests.open(COMPLETIONS, body, Map.of("traceparent", traceparent(id)))) {
            Scrape running = Requests.until(
                    () -> Scrape.parse(requests.get("/q/metrics").body()),
                    scrape -> scrape.sum("loci_engine_requests_running") >= 1);
            assertThat(running.sum("loci_engine_requests_running"))
                    .as("by %s", client)
                    .isPositive();
        }
        Map<String, Span> spans = trace(id, "text_completion loci-mini");

        Map<String, AnyValue> attributes = attributes(spans.get("text_completion loci-mini"));
        assertThat(attributes.get("error.type").getStringValue()).isEqualTo("cancelled");
        assertThat(spans.get("text_completion loci-mini").getStatus().getCode())
                .isEqualTo(Status.StatusCode.STATUS_CODE_ERROR);
    }

    @Test
    void tokensOutOfThePrefixCacheAreThoseOfTheUsage() {
        String id = "9bf92f3577b34da6a3ce929d0e0e4737";
        String body = "{\"prompt\":\"" + "One day a fox went out. ".repeat(10) + "\",\"n\":2,\"max_tokens\":2}";
        count(Requests.tree(requests.post(COMPLETIONS, body, Map.of()).body()).get("usage"));
        JsonNode usage = Requests.tree(requests.post(COMPLETIONS, body, Map.of("traceparent", traceparent(id)))
                        .body())
                .get("usage");
        count(usage);
        Map<String, Span> spans = trace(id, "text_completion loci-mini");

        long cached = usage.at("/prompt_tokens_details/cached_tokens").longValue();
        assertThat(cached).isPositive();
        Map<String, AnyValue> attributes = attributes(spans.get("text_completion loci-mini"));
        assertThat(attributes.get("gen_ai.usage.cache_read.input_tokens").getIntValue())
                .isEqualTo(cached);
        assertThat(attributes.get("gen_ai.usage.input_tokens").getIntValue())
                .isEqualTo(usage.get("prompt_tokens").longValue());
    }

    @Test
    void metricsAreThoseOfTheConventionsAndAddUpToTheUsages() {
        String[] bodies = {
            "{\"prompt\":\"Once\",\"max_tokens\":5}",
            "{\"prompt\":[\"Once\",\"Twice upon\"],\"n\":2,\"max_tokens\":6}",
            "{\"prompt\":\"Once upon a\",\"best_of\":3,\"max_tokens\":4}",
            "{\"prompt\":\"Once upon a\",\"max_tokens\":7,\"stream\":true,\"stream_options\":{\"include_usage\":true}}"
        };
        for (String body : bodies) {
            String answer = requests.post(COMPLETIONS, body, Map.of()).body();
            count(
                    body.contains("stream")
                            ? Requests.streamedUsage(answer)
                            : Requests.tree(answer).get("usage"));
        }
        OtlpReceiver.metric(
                "gen_ai.client.token.usage",
                metric -> sum(metric, "input") == input && sum(metric, "output") == output);

        BOUNDS.forEach((name, bounds) -> {
            Metric metric = OtlpReceiver.metric(name, _ -> true);
            assertThat(metric.getUnit()).as(name).isEqualTo(name.endsWith("usage") ? "{token}" : "s");
            assertThat(metric.getHistogram().getAggregationTemporality())
                    .isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
            assertThat(metric.getHistogram().getDataPointsList()).isNotEmpty().allSatisfy(point -> {
                assertThat(point.getExplicitBoundsList()).as(name).isEqualTo(bounds);
                Map<String, AnyValue> attributes = attributes(point.getAttributesList());
                assertThat(attributes)
                        .containsKeys(
                                "gen_ai.operation.name",
                                "gen_ai.provider.name",
                                "gen_ai.request.model",
                                "gen_ai.response.model");
                assertThat(attributes.get("gen_ai.operation.name").getStringValue())
                        .isIn("chat", "text_completion");
                assertThat(attributes.get("gen_ai.request.model").getStringValue())
                        .isEqualTo("loci-mini");
                if (name.endsWith("usage")) {
                    assertThat(attributes).containsKey("gen_ai.token.type");
                }
                if (name.contains("time_")) {
                    assertThat(attributes).doesNotContainKey("error.type");
                }
            });
        });
    }

    private static long sum(Metric metric, String type) {
        return Math.round(metric.getHistogram().getDataPointsList().stream()
                .filter(point -> attributes(point.getAttributesList())
                        .get("gen_ai.token.type")
                        .getStringValue()
                        .equals(type))
                .mapToDouble(HistogramDataPoint::getSum)
                .sum());
    }

    @Test
    void whatTheEngineCountsIsExportedToo() {
        count(Requests.tree(requests.post(COMPLETIONS, "{\"prompt\":\"Once\",\"max_tokens\":5}", Map.of())
                        .body())
                .get("usage"));
        Metric steps = OtlpReceiver.metric(
                "loci.engine.step.duration",
                metric -> metric.getHistogram().getDataPoints(0).getCount() >= 5);
        assertThat(steps.getUnit()).isEqualTo("s");
        Metric residency = OtlpReceiver.metric("loci.table.residency", _ -> true);
        assertThat(residency.getGauge().getDataPointsList())
                .hasSize(2)
                .allSatisfy(point -> assertThat(point.getAsDouble()).isBetween(0.0, 1.0));
        Metric hits = OtlpReceiver.metric("loci.table.hits", _ -> true);
        assertThat(hits.getSum().getIsMonotonic()).isTrue();
        assertThat(hits.getUnit()).isEqualTo("{row}");
    }
}
