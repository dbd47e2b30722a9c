package dev.loci.telemetry;

import dev.loci.engine.GenerationRequest;
import dev.loci.engine.Progress;
import dev.loci.engine.Sampling;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// The span of one request's generations, with children for where they waited, read the prompt and drew.
final class RequestSpan {
    private static final AttributeKey<Boolean> STREAM = AttributeKey.booleanKey("gen_ai.request.stream");
    private static final AttributeKey<Long> CHOICE_COUNT = AttributeKey.longKey("gen_ai.request.choice.count");
    private static final AttributeKey<Long> MAX_TOKENS = AttributeKey.longKey("gen_ai.request.max_tokens");
    private static final AttributeKey<Double> TEMPERATURE = AttributeKey.doubleKey("gen_ai.request.temperature");
    private static final AttributeKey<Double> TOP_P = AttributeKey.doubleKey("gen_ai.request.top_p");
    private static final AttributeKey<Double> TOP_K = AttributeKey.doubleKey("gen_ai.request.top_k");
    private static final AttributeKey<Double> FREQUENCY = AttributeKey.doubleKey("gen_ai.request.frequency_penalty");
    private static final AttributeKey<Double> PRESENCE = AttributeKey.doubleKey("gen_ai.request.presence_penalty");
    private static final AttributeKey<List<String>> STOP = AttributeKey.stringArrayKey("gen_ai.request.stop_sequences");
    private static final AttributeKey<Long> SEED = AttributeKey.longKey("gen_ai.request.seed");
    private static final AttributeKey<String> INPUT_MESSAGES = AttributeKey.stringKey("gen_ai.input.messages");
    private static final AttributeKey<String> RESPONSE_ID = AttributeKey.stringKey("gen_ai.response.id");
    private static final AttributeKey<List<String>> FINISH_REASONS =
            AttributeKey.stringArrayKey("gen_ai.response.finish_reasons");
    private static final AttributeKey<Long> INPUT_TOKENS = AttributeKey.longKey("gen_ai.usage.input_tokens");
    private static final AttributeKey<Long> OUTPUT_TOKENS = AttributeKey.longKey("gen_ai.usage.output_tokens");
    private static final AttributeKey<Long> CACHED_TOKENS =
            AttributeKey.longKey("gen_ai.usage.cache_read.input_tokens");
    private static final AttributeKey<Long> INDEX = AttributeKey.longKey("loci.generation.index");
    private static final AttributeKey<Long> PREEMPTIONS = AttributeKey.longKey("loci.generation.preemptions");

    private final Tracer tracer;
    private final Clock clock;
    private final Span span;
    private final TelemetryOptions options;
    private volatile int candidates = 1;

    RequestSpan(Tracer tracer, Clock clock, Span span, TelemetryOptions options) {
        this.tracer = tracer;
        this.clock = clock;
        this.span = span;
        this.options = options;
    }

    /// Whether the steps that serve it are told of.
    boolean detailed() {
        return options.steps() && span.isRecording();
    }

    SpanContext context() {
        return span.getSpanContext();
    }

    void event(String name, Attributes attributes, long epochNanos) {
        span.addEvent(name, attributes, epochNanos, TimeUnit.NANOSECONDS);
    }

    void asks(String answerId, GenerationRequest asked, int ofEachPrompt, boolean stream, Supplier<String> prompt) {
        if (!span.isRecording()) {
            return;
        }
        candidates = ofEachPrompt;
        Sampling sampling = asked.sampling();
        span.setAttribute(RESPONSE_ID, answerId);
        span.setAttribute(MAX_TOKENS, (long) asked.maxTokens());
        span.setAttribute(TEMPERATURE, sampling.temperature());
        span.setAttribute(TOP_P, sampling.topP());
        span.setAttribute(FREQUENCY, sampling.frequencyPenalty());
        span.setAttribute(PRESENCE, sampling.presencePenalty());
        span.setAttribute(SEED, sampling.seed());
        span.setAttribute(STREAM, stream);
        if (sampling.topK() > 0) {
            span.setAttribute(TOP_K, (double) sampling.topK());
        }
        if (!asked.stop().isEmpty()) {
            span.setAttribute(STOP, asked.stop());
        }
        if (ofEachPrompt > 1) {
            span.setAttribute(CHOICE_COUNT, (long) ofEachPrompt);
        }
        if (options.content()) {
            span.setAttribute(INPUT_MESSAGES, Messages.ofUser(prompt.get()));
        }
    }

    /// @param failure what went wrong, as `error.type` has it
    /// @param end     as [System#nanoTime] gives it
    void end(List<Progress> generations, Optional<String> failure, long end) {
        if (!span.isRecording()) {
            return;
        }
        Context here = Context.root().with(span);
        long input = 0;
        long cached = 0;
        long output = 0;
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < generations.size(); i++) {
            Progress each = generations.get(i);
            input += i % candidates == 0 ? each.promptTokens() : 0;
            cached += i % candidates == 0 ? cachedTokens(generations, i) : 0;
            output += each.completionTokens();
            reasons.add(each.reason().map(Names::value).orElse("error"));
            children(here, i, each);
        }
        if (!generations.isEmpty()) {
            span.setAttribute(INPUT_TOKENS, input);
            span.setAttribute(OUTPUT_TOKENS, output);
            span.setAttribute(CACHED_TOKENS, cached);
            span.setAttribute(FINISH_REASONS, reasons);
        }
        failure.ifPresent(type -> {
            span.setAttribute(Names.ERROR_TYPE, type);
            span.setStatus(StatusCode.ERROR);
        });
        span.end(clock.epoch(end), TimeUnit.NANOSECONDS);
    }

    /// Of the prompt whose first candidate is given, as the answer's `usage` has it: what all of them found.
    private int cachedTokens(List<Progress> generations, int first) {
        int least = Integer.MAX_VALUE;
        for (int i = first; i < Math.min(first + candidates, generations.size()); i++) {
            least = Math.min(least, generations.get(i).cachedTokens());
        }
        return least;
    }

    private void children(Context here, int index, Progress each) {
        long started = each.started() == 0 ? each.ended() : each.started();
        child(here, "queue", index, each.submitted(), started).end(clock.epoch(started), TimeUnit.NANOSECONDS);
        if (each.started() == 0) {
            return;
        }
        long first = each.firstToken() == 0 ? each.ended() : each.firstToken();
        Span prefill = child(here, "prefill", index, started, first);
        prefill.setAttribute(INPUT_TOKENS, (long) each.promptTokens());
        prefill.setAttribute(CACHED_TOKENS, (long) each.cachedTokens());
        prefill.end(clock.epoch(first), TimeUnit.NANOSECONDS);
        if (each.firstToken() != 0) {
            Span decode = child(here, "decode", index, first, each.ended());
            decode.setAttribute(OUTPUT_TOKENS, (long) each.completionTokens());
            decode.setAttribute(PREEMPTIONS, (long) each.preemptions());
            decode.end(clock.epoch(each.ended()), TimeUnit.NANOSECONDS);
        }
    }

    private Span child(Context here, String name, int index, long from, long to) {
        SpanBuilder builder = tracer.spanBuilder(name)
                .setParent(here)
                .setAttribute(INDEX, (long) index)
                .setStartTimestamp(clock.epoch(Math.min(from, to)), TimeUnit.NANOSECONDS);
        return builder.startSpan();
    }
}
