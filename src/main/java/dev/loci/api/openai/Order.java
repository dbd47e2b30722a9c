package dev.loci.api.openai;

import dev.loci.engine.GenerationRequest;
import java.util.List;
import java.util.Optional;

/// A validated request: nothing in it can be refused any more, except for want of room.
/// @param generations one for each choice of the answer
/// @param echoes      the prompts' texts where the answer repeats them, otherwise empty
record Order(
        Kind kind, List<GenerationRequest> generations, List<String> echoes, boolean stream, boolean includeUsage) {
    enum Kind {
        COMPLETION,
        CHAT
    }

    Order {
        generations = List.copyOf(generations);
        echoes = List.copyOf(echoes);
    }

    Optional<String> echo(int index) {
        return echoes.isEmpty() ? Optional.empty() : Optional.of(echoes.get(index));
    }

    boolean logprobs() {
        return generations.get(0).topLogprobs().isPresent();
    }
}
