package dev.loci.telemetry;

import dev.loci.engine.Generation;
import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.Progress;
import io.opentelemetry.api.common.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/// Keeps account of one request, and records it when its answer and all of its generations have ended.
final class KeptRecord implements RequestRecord {
    private final Clock clock;
    private final RequestLabels labels;
    private final RequestSpan span;
    private final RequestMetrics metrics;
    private final EngineTelemetry engine;
    private final Background background;
    private final List<Generation> generations = new ArrayList<>();
    /// The answer, the request's thread, and each generation.
    private final AtomicInteger open = new AtomicInteger(2);

    private final AtomicBoolean answered = new AtomicBoolean();
    private volatile Optional<String> error = Optional.empty();
    private volatile long answeredAt;
    private volatile int candidates = 1;
    private volatile boolean accepted;

    KeptRecord(
            RequestLabels labels,
            Clock clock,
            RequestSpan span,
            RequestMetrics metrics,
            EngineTelemetry engine,
            Background background) {
        this.clock = clock;
        this.span = span;
        this.metrics = metrics;
        this.engine = engine;
        this.background = background;
        this.labels = labels;
    }

    RequestSpan span() {
        return span;
    }

    @Override
    public void asks(
            String answerId, List<GenerationRequest> asked, int ofEachPrompt, boolean stream, Supplier<String> prompt) {
        candidates = ofEachPrompt;
        metrics.asked(asked.getFirst().maxTokens(), ofEachPrompt, labels.success());
        span.asks(answerId, asked.getFirst(), ofEachPrompt, stream, prompt);
    }

    @Override
    public void submitting(Runnable submission) {
        engine.submitting(this, submission);
        accepted = true;
    }

    /// On the thread that submits.
    void submitted(Generation generation) {
        open.incrementAndGet();
        generations.add(generation);
    }

    /// On the engine's thread.
    void ended() {
        if (open.decrementAndGet() == 0) {
            background.run(this::record);
        }
    }

    @Override
    public void failed(String code) {
        error = Optional.of(ErrorTypes.bounded(code));
    }

    @Override
    public void handled() {
        close();
    }

    @Override
    public void answered() {
        if (answered.compareAndSet(false, true)) {
            answeredAt = System.nanoTime();
            close();
        }
    }

    private void close() {
        if (open.decrementAndGet() == 0) {
            // behind the steps of the request that wait to be told of
            if (span.detailed()) {
                background.run(this::record);
            } else {
                record();
            }
        }
    }

    private void record() {
        List<Progress> all = new ArrayList<>();
        long lastToken = Long.MIN_VALUE;
        for (Generation generation : generations) {
            Optional<Progress> progress = generation.progress();
            if (progress.isPresent()) {
                all.add(progress.get());
                lastToken = Math.max(lastToken, progress.get().ended());
            }
        }
        Optional<String> failure = error.isPresent() ? error : failure(all);
        long end = failure.isPresent() ? answeredAt : lastToken;
        Attributes outcome = failure.isPresent() ? labels.failure(failure.get()) : labels.success();
        metrics.request(Clock.seconds(end - clock.nanos()), outcome);
        if (!accepted) {
            error.ifPresent(type -> metrics.rejected(Attributes.of(Names.REASON, type)));
        }
        all.forEach(this::countEnd);
        if (failure.isEmpty()) {
            recordSuccess(all);
        }
        engine.forget(generations);
        span.end(all, failure, end);
    }

    /// Who left before anything was generated is gone without an error.
    private static Optional<String> failure(List<Progress> all) {
        if (all.isEmpty()) {
            return Optional.of(ErrorTypes.CANCELLED);
        }
        boolean cancelled = false;
        for (Progress each : all) {
            if (each.failure().isPresent()) {
                GenerationEvent.Cause cause = each.failure().get();
                return Optional.of(ErrorTypes.bounded(
                        cause == GenerationEvent.Cause.STEP ? "internal_error" : Names.value(cause)));
            }
            cancelled |= !each.succeeded();
        }
        return cancelled ? Optional.of(ErrorTypes.CANCELLED) : Optional.empty();
    }

    private void countEnd(Progress each) {
        metrics.finished(each.reason().map(labels.finished()::get).orElse(labels.error()));
    }

    /// As the answer's `usage` has it: a prompt counts once, whatever is made of it.
    private void recordSuccess(List<Progress> all) {
        long input = 0;
        long output = 0;
        long first = Long.MAX_VALUE;
        for (int i = 0; i < all.size(); i++) {
            Progress each = all.get(i);
            input += i % candidates == 0 ? each.promptTokens() : 0;
            output += each.completionTokens();
            first = each.firstToken() == 0 ? first : Math.min(first, each.firstToken());
            recordPhases(each);
        }
        if (first != Long.MAX_VALUE) {
            metrics.firstToken(Clock.seconds(first - clock.nanos()), labels.success());
        }
        metrics.usage(input, labels.input());
        metrics.usage(output, labels.output());
    }

    private void recordPhases(Progress each) {
        if (each.started() == 0) {
            return;
        }
        long first = each.firstToken() == 0 ? each.ended() : each.firstToken();
        metrics.phases(
                Clock.seconds(each.started() - each.submitted()),
                Clock.seconds(first - each.started()),
                Clock.seconds(each.ended() - first),
                labels.success());
        if (each.completionTokens() > 1) {
            metrics.outputToken(Clock.seconds(each.ended() - first) / (each.completionTokens() - 1), labels.success());
        }
    }
}
