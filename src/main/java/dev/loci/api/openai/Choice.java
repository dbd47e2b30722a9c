package dev.loci.api.openai;

import dev.loci.engine.GenerationEvent;
import java.util.List;
import java.util.Optional;

/// Turns the events of one generation into pieces of an answer.
final class Choice {
    private final boolean logprobs;
    private Optional<String> echo;
    private int promptTokens;
    private int completionTokens;

    /// Begins with the prompt's text where the answer repeats it.
    static Choice of(Order order, int index) {
        return new Choice(order.logprobs(), order.echo(index));
    }

    private Choice(boolean logprobs, Optional<String> echo) {
        this.logprobs = logprobs;
        this.echo = echo;
    }

    /// @throws ApiException where the generation could not go on
    Piece on(GenerationEvent event) {
        String before = echo.orElse("");
        echo = Optional.empty();
        return switch (event) {
            case GenerationEvent.PromptScored scored -> new Piece(before, scored.scores(), Optional.empty());
            case GenerationEvent.Token token ->
                new Piece(
                        before + token.text(),
                        logprobs ? token.score().stream().toList() : List.of(),
                        Optional.empty());
            case GenerationEvent.Finished finished -> {
                promptTokens = finished.promptTokens();
                completionTokens = finished.completionTokens();
                yield new Piece(before + finished.text(), List.of(), Optional.of(reason(finished.reason())));
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

    static Wire.Usage usage(List<Choice> choices) {
        int prompt = choices.stream().mapToInt(choice -> choice.promptTokens).sum();
        int completion =
                choices.stream().mapToInt(choice -> choice.completionTokens).sum();
        return new Wire.Usage(prompt, completion, Math.addExact(prompt, completion));
    }
}
