package dev.loci.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.Progress;
import dev.loci.engine.Sampling;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class RequestSpanTest {
    private static final TelemetryOptions OPTIONS = new TelemetryOptions(true, true, 1, false, false, false);

    /// Keeps what it is given.
    private record Kept(List<SpanData> spans) implements SpanExporter {
        @Override
        public CompletableResultCode export(Collection<SpanData> more) {
            spans.addAll(more);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    private static Progress generation(int promptTokens, int cachedTokens) {
        return new Progress(
                1,
                2,
                3,
                4,
                promptTokens,
                cachedTokens,
                5,
                0,
                Optional.of(GenerationEvent.Reason.STOP),
                Optional.empty());
    }

    @Test
    void aPromptsCachedTokensAreThoseThatAllOfItsCandidatesFound() {
        Kept kept = new Kept(new ArrayList<>());
        SdkTracerProvider tracers = SdkTracerProvider.builder()
                .addSpanProcessor(SimpleSpanProcessor.create(kept))
                .build();
        OpenTelemetry telemetry =
                OpenTelemetrySdk.builder().setTracerProvider(tracers).build();
        RequestSpan span = new RequestSpans(telemetry, OPTIONS)
                .begin(Operation.TEXT_COMPLETION, "loci-mini", new Clock(0, 0), Context.root());
        GenerationRequest asked = new GenerationRequest(
                new int[] {1},
                5,
                Sampling.GREEDY,
                List.of(),
                List.of(),
                false,
                OptionalInt.empty(),
                OptionalInt.empty());
        span.asks("id", asked, 2, false, () -> "");
        span.end(
                List.of(generation(40, 32), generation(40, 16), generation(60, 0), generation(60, 48)),
                Optional.empty(),
                4);
        SpanData whole = kept.spans().stream()
                .filter(each -> each.getName().equals("text_completion loci-mini"))
                .findFirst()
                .orElseThrow();
        assertThat(whole.getAttributes().get(AttributeKey.longKey("gen_ai.usage.cache_read.input_tokens")))
                .isEqualTo(16);
        assertThat(whole.getAttributes().get(AttributeKey.longKey("gen_ai.usage.input_tokens")))
                .isEqualTo(100);
        tracers.close();
    }
}
