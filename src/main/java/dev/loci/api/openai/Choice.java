package dev.loci.api.openai;

import dev.loci.engine.GenerationEvent;
import java.util.List;
import java.util.Optional;

/// Turns the events of one generation into pieces of an answer, and counts.
final class Choice {
    private final boolean logprobs;
    private final Optional<MemoryTracer> tracer;
    private Optional<String> echo;
    private int promptTokens;
    private int cachedTokens;
    private int completionTokens;
    private double logprobSum;
    private int scored;

    /// @param echo the prompt's text, with which the choice begins where the answer repeats it
    Choice(boolean logprobs, Optional<String> echo, boolean memoryTrace) {
        this.logprobs = logprobs;
        this.tracer = memoryTrace ? Optional.of(new MemoryTracer()) : Optional.empty();
        this.echo = echo;
    }

    /// @throws ApiException where the generation could not go on
    Piece on(GenerationEvent event) {
        String before = echo.orElse("");
        echo = Optional.empty();
        return switch (event) {
            case GenerationEvent.PromptScored prompt -> new Piece(before, prompt.scores(), Optional.empty());
            case GenerationEvent.Token token -> {
                token.score().ifPresent(score -> {
                    logprobSum += score.logprob().orElse(0);
                    scored++;
                });
                yield new Piece(
                        before + token.text(),
                        logprobs ? token.score().stream().toList() : List.of(),
                        Optional.empty(),
                        tracer.map(one -> one.on(token)));
            }
            case GenerationEvent.Finished finished -> {
                promptTokens = finished.promptTokens();
                cachedTokens = finished.cachedTokens();
                completionTokens = finished.completionTokens();
                yield new Piece(
                        before + finished.text(),
                        List.of(),
                        Optional.of(reason(finished.reason())),
                        tracer.map(MemoryTracer::end));
            }
            case GenerationEvent.Failed failed -> throw ApiException.of(failed);
        };
    }

    private static String reason(GenerationEvent.Reason reason) {
        return switch (reason) {
            case STOP -> "stop";
            case LENGTH -> "length";
            // the client did not go away, or nobody would ask: the engine ends
            case CANCELLED -> throw ApiException.unavailable("stopping", "the server stops");
        };
    }

    int promptTokens() {
        return promptTokens;
    }

    int cachedTokens() {
        return cachedTokens;
    }

    int completionTokens() {
        return completionTokens;
    }

    /// Mean log-probability of the new tokens, where they have scores; 0 where there are none.
    double meanLogprob() {
        return scored == 0 ? 0 : logprobSum / scored;
    }
}
