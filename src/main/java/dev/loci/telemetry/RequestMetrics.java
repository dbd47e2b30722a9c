package dev.loci.telemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.LongHistogram;
import io.opentelemetry.api.metrics.Meter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;

/// What is recorded when a request ends. No attribute holds anything that a client chooses. Thread-safe.
@Singleton
final class RequestMetrics {
    private final DoubleHistogram duration;
    private final DoubleHistogram firstToken;
    private final DoubleHistogram outputToken;
    private final DoubleHistogram fineOutputToken;
    private final LongHistogram tokens;
    private final DoubleHistogram queued;
    private final DoubleHistogram prefill;
    private final DoubleHistogram decode;
    private final DoubleHistogram inference;
    private final LongHistogram maxTokens;
    private final LongHistogram choices;
    private final LongCounter finished;
    private final LongCounter rejected;

    @Inject
    RequestMetrics(OpenTelemetry telemetry) {
        Meter meter = telemetry.getMeter(Names.SCOPE);
        duration = seconds(
                meter,
                "gen_ai.server.request.duration",
                "Generative AI server request duration such as time-to-last byte or last output token.",
                Names.DURATION_SECONDS);
        firstToken = seconds(
                meter,
                "gen_ai.server.time_to_first_token",
                "Time to generate first token for successful responses.",
                Names.FIRST_TOKEN_SECONDS);
        outputToken = seconds(
                meter,
                "gen_ai.server.time_per_output_token",
                "Time per output token generated after the first token for successful responses.",
                Names.OUTPUT_TOKEN_SECONDS);
        fineOutputToken = seconds(
                meter,
                "loci.request.time_per_output_token",
                "As gen_ai.server.time_per_output_token, in finer buckets.",
                Names.FINE_OUTPUT_TOKEN_SECONDS);
        tokens = meter.histogramBuilder("gen_ai.client.token.usage")
                .setUnit("{token}")
                .setDescription("Number of input and output tokens used.")
                .ofLongs()
                .setExplicitBucketBoundariesAdvice(longs(Names.TOKENS))
                .build();
        queued = seconds(
                meter, "loci.request.queue.duration", "From submission to the first pages.", Names.WAIT_SECONDS);
        prefill = seconds(
                meter, "loci.request.prefill.duration", "From the first pages to the first token.", Names.WAIT_SECONDS);
        decode = seconds(
                meter, "loci.request.decode.duration", "From the first token to the last.", Names.DURATION_SECONDS);
        inference = seconds(
                meter,
                "loci.request.inference.duration",
                "From the first pages to the last token.",
                Names.DURATION_SECONDS);
        maxTokens = meter.histogramBuilder("loci.request.max_tokens")
                .setUnit("{token}")
                .setDescription("New tokens that requests ask for at most.")
                .ofLongs()
                .setExplicitBucketBoundariesAdvice(longs(Names.TOKENS))
                .build();
        choices = meter.histogramBuilder("loci.request.choices")
                .setUnit("{generation}")
                .setDescription("Generations of a prompt that requests ask for.")
                .ofLongs()
                .setExplicitBucketBoundariesAdvice(longs(Names.CHOICES))
                .build();
        finished = meter.counterBuilder("loci.generations.finished")
                .setUnit("{generation}")
                .setDescription("Generations that have ended, by why.")
                .build();
        rejected = meter.counterBuilder("loci.requests.rejected")
                .setUnit("{request}")
                .setDescription("Requests that were refused before anything was generated, by why.")
                .build();
    }

    private static DoubleHistogram seconds(Meter meter, String name, String description, List<Double> bounds) {
        return meter.histogramBuilder(name)
                .setUnit("s")
                .setDescription(description)
                .setExplicitBucketBoundariesAdvice(bounds)
                .build();
    }

    private static List<Long> longs(List<Double> bounds) {
        return bounds.stream().map(Double::longValue).toList();
    }

    void request(double seconds, Attributes attributes) {
        duration.record(seconds, attributes);
    }

    void asked(int newTokens, int generations, Attributes attributes) {
        maxTokens.record(newTokens, attributes);
        choices.record(generations, attributes);
    }

    void firstToken(double seconds, Attributes attributes) {
        firstToken.record(seconds, attributes);
    }

    void outputToken(double seconds, Attributes attributes) {
        outputToken.record(seconds, attributes);
        fineOutputToken.record(seconds, attributes);
    }

    void usage(long count, Attributes attributes) {
        tokens.record(count, attributes);
    }

    void phases(double queueSeconds, double prefillSeconds, double decodeSeconds, Attributes attributes) {
        queued.record(queueSeconds, attributes);
        prefill.record(prefillSeconds, attributes);
        decode.record(decodeSeconds, attributes);
        inference.record(prefillSeconds + decodeSeconds, attributes);
    }

    void finished(Attributes attributes) {
        finished.add(1, attributes);
    }

    void rejected(Attributes attributes) {
        rejected.add(1, attributes);
    }
}
