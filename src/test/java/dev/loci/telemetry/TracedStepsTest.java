package dev.loci.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// With `loci.telemetry.traces.steps` a step is a span of its own, linked to the requests that it served.
@QuarkusTest
@WithTestResource(
        value = OtlpReceiver.class,
        scope = TestResourceScope.RESTRICTED_TO_CLASS,
        initArgs = {
            @ResourceArg(name = "loci.telemetry.traces.steps", value = "true"),
            // what callers sample is told of all the same, and so are its steps
            @ResourceArg(name = "loci.telemetry.traces.sample", value = "0"),
            @ResourceArg(name = "loci.telemetry.traces.content", value = "true")
        })
final class TracedStepsTest {
    private static final String COMPLETIONS = "/v1/completions";
    private static final String BODY = "{\"prompt\":\"Once upon\",\"max_tokens\":5,\"ignore_eos\":true}";

    @TestHTTPResource("/")
    URI server;

    private static String hex(com.google.protobuf.ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }

    private static List<Span> after(String trace) {
        return OtlpReceiver.spansWith(
                "SERVER span of " + trace,
                span -> hex(span.getTraceId()).equals(trace) && span.getKind() == Span.SpanKind.SPAN_KIND_SERVER);
    }

    private static Span generation(List<Span> spans, String trace) {
        return spans.stream()
                .filter(span ->
                        hex(span.getTraceId()).equals(trace) && span.getName().equals("text_completion loci-mini"))
                .findFirst()
                .orElseThrow();
    }

    private static long number(List<KeyValue> attributes, String key) {
        return attributes.stream()
                .filter(each -> each.getKey().equals(key))
                .findFirst()
                .orElseThrow()
                .getValue()
                .getIntValue();
    }

    @Test
    void eachStepIsLinkedToTheRequestAndTheRequestHasItsEvents() {
        String trace = "7bf92f3577b34da6a3ce929d0e0e4736";
        new Requests(server).post(COMPLETIONS, BODY, Map.of("traceparent", "00-" + trace + "-00f067aa0ba902b7-01"));
        Span generation = generation(after(trace), trace);
        List<Span> steps = OtlpReceiver.spansWith("step", span -> span.getName().equals("step")).stream()
                .filter(span -> span.getName().equals("step"))
                .filter(span -> span.getLinksList().stream()
                        .anyMatch(link -> link.getSpanId().equals(generation.getSpanId())))
                .toList();

        assertThat(steps).isNotEmpty().allSatisfy(step -> {
            assertThat(step.getParentSpanId().isEmpty()).as("a root").isTrue();
            assertThat(hex(step.getTraceId())).isNotEqualTo(trace);
            assertThat(hex(step.getLinks(0).getTraceId())).isEqualTo(trace);
            assertThat(number(step.getAttributesList(), "loci.step.sequences")).isEqualTo(1);
            assertThat(step.getEventsList()).hasSize(2).allSatisfy(event -> {
                assertThat(event.getName()).isEqualTo("gather");
                assertThat(number(event.getAttributesList(), "loci.table.hits"))
                        .isEqualTo(32 * number(step.getAttributesList(), "loci.step.tokens"));
            });
        });
        Map<String, Long> events = generation.getEventsList().stream()
                .collect(Collectors.groupingBy(Span.Event::getName, Collectors.counting()));
        assertThat(events).isEqualTo(Map.of("step", 5L, "gather", 10L));
        assertThat(generation.getEventsList().stream()
                        .filter(event -> event.getName().equals("step"))
                        .mapToLong(event -> number(event.getAttributesList(), "loci.step.tokens"))
                        .sum())
                .isEqualTo(2 + 5 - 1);
    }

    @Test
    void promptsAreThereWhereTheyAreWanted() {
        String trace = "8bf92f3577b34da6a3ce929d0e0e4736";
        new Requests(server).post(COMPLETIONS, BODY, Map.of("traceparent", "00-" + trace + "-00f067aa0ba902b7-01"));
        Span generation = generation(after(trace), trace);
        assertThat(generation.getAttributesList())
                .filteredOn(each -> each.getKey().equals("gen_ai.input.messages"))
                .singleElement()
                .satisfies(each -> assertThat(each.getValue().getStringValue())
                        .isEqualTo("[{\"role\":\"user\",\"parts\":[{\"type\":\"text\",\"content\":\"Once upon\"}]}]"));
    }

    @Test
    void whatTheCallerDoesNotSampleIsNotTold() {
        String trace = "9bf92f3577b34da6a3ce929d0e0e4736";
        Requests requests = new Requests(server);
        requests.post(COMPLETIONS, BODY, Map.of("traceparent", "00-" + trace + "-00f067aa0ba902b7-00"));
        String next = "abf92f3577b34da6a3ce929d0e0e4736";
        requests.post(COMPLETIONS, BODY, Map.of("traceparent", "00-" + next + "-00f067aa0ba902b7-01"));
        assertThat(after(next)).noneMatch(span -> hex(span.getTraceId()).equals(trace));
    }
}
