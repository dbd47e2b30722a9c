package dev.loci.telemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Tells of steps that served requests which are traced. A step serves many requests, so it is a child of none: its
/// span begins a trace of its own and is linked to theirs; each of them has an event for it, and one for each gather.
@Singleton
final class StepSpans {
    static final AttributeKey<Long> NUMBER = AttributeKey.longKey("loci.step.number");
    static final AttributeKey<Long> TOKENS = AttributeKey.longKey("loci.step.tokens");
    static final AttributeKey<Long> OUTPUTS = AttributeKey.longKey("loci.step.outputs");
    static final AttributeKey<Long> SEQUENCES = AttributeKey.longKey("loci.step.sequences");
    static final AttributeKey<Double> SECONDS = AttributeKey.doubleKey("loci.step.duration");
    static final AttributeKey<Long> TABLE = AttributeKey.longKey("loci.table");
    static final AttributeKey<Long> HITS = AttributeKey.longKey("loci.table.hits");
    static final AttributeKey<Long> UNIQUE_ROWS = AttributeKey.longKey("loci.table.unique_rows");
    static final AttributeKey<Double> GATHER_SECONDS = AttributeKey.doubleKey("loci.table.gather.duration");
    static final AttributeKey<Long> FAULTS = AttributeKey.longKey("loci.table.major_faults");

    /// @param began  as [System#nanoTime] gives it
    /// @param served requests in the step that are traced; one with several generations may be there several times
    record Sample(
            long number,
            long began,
            long nanos,
            int tokens,
            int outputs,
            int sequences,
            List<Gathers.Gather> gathers,
            List<RequestSpan> served) {}

    private final Tracer tracer;

    @Inject
    StepSpans(OpenTelemetry telemetry) {
        this.tracer = telemetry.getTracer(Names.SCOPE);
    }

    void tell(Sample sample) {
        Clock clock = Clock.now();
        List<RequestSpan> served = sample.served().stream().distinct().toList();
        SpanBuilder builder = tracer.spanBuilder("step")
                .setParent(Context.root())
                .setSpanKind(SpanKind.INTERNAL)
                .setStartTimestamp(clock.epoch(sample.began()), TimeUnit.NANOSECONDS)
                .setAttribute(NUMBER, sample.number())
                .setAttribute(TOKENS, (long) sample.tokens())
                .setAttribute(OUTPUTS, (long) sample.outputs())
                .setAttribute(SEQUENCES, (long) sample.sequences());
        served.forEach(request -> builder.addLink(request.context()));
        Span span = builder.startSpan();
        long end = clock.epoch(sample.began() + sample.nanos());
        Attributes step = Attributes.of(
                NUMBER,
                sample.number(),
                TOKENS,
                (long) sample.tokens(),
                SEQUENCES,
                (long) sample.sequences(),
                SECONDS,
                Clock.seconds(sample.nanos()));
        for (Gathers.Gather gather : sample.gathers()) {
            Attributes attributes = attributes(gather);
            long ended = clock.epoch(gather.ended());
            span.addEvent("gather", attributes, ended, TimeUnit.NANOSECONDS);
            served.forEach(request -> request.event("gather", attributes, ended));
        }
        served.forEach(request -> request.event("step", step, end));
        span.end(end, TimeUnit.NANOSECONDS);
    }

    private static Attributes attributes(Gathers.Gather gather) {
        return Attributes.builder()
                .put(TABLE, (long) gather.table())
                .put(HITS, gather.hits())
                .put(UNIQUE_ROWS, gather.uniqueRows())
                .put(GATHER_SECONDS, Clock.seconds(gather.nanos()))
                .put(FAULTS, gather.faults())
                .build();
    }
}
