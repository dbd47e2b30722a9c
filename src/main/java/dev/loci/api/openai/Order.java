package dev.loci.api.openai;

import dev.loci.engine.GenerationRequest;
import dev.loci.engine.GenerationRequest.Client;
import java.util.List;
import java.util.Optional;

/// A validated request: nothing in it can be refused any more, except for want of room.
/// @param generations of the first prompt's candidates, then of the next one's
/// @param copies      how many of them belong to a prompt
/// @param echoes      the prompts' texts where the answer repeats them, otherwise empty
/// @param logprobs    whether the answer shows log-probabilities
record Order(
        Kind kind,
        List<GenerationRequest> generations,
        Copies copies,
        List<String> echoes,
        boolean logprobs,
        boolean stream,
        boolean includeUsage) {
    enum Kind {
        COMPLETION,
        CHAT,
        RESPONSE
    }

    Order {
        generations = List.copyOf(generations);
        echoes = List.copyOf(echoes);
    }

    int prompts() {
        return generations.size() / copies.candidates();
    }

    /// @param most generations that the engine ever takes at once
    /// @throws ApiException where there are more, so that coming again would be of no use
    void requireAtMost(long most) {
        int candidates = copies.candidates();
        if (candidates > most) {
            throw ApiException.invalid(
                    candidates > copies.choices() ? "best_of" : "n",
                    "at most " + most + ", as many generations as may run or wait",
                    Integer.toString(candidates));
        }
        if (generations.size() > most) {
            throw ApiException.invalid(
                    "prompt",
                    "at most " + most / candidates + " prompts of " + candidates + " generations each, as " + most
                            + " generations may run or wait",
                    Integer.toString(prompts()));
        }
    }

    /// Ids of a prompt.
    int[] prompt(int index) {
        return generations.get(index * copies.candidates()).prompt();
    }

    /// What each choice of a prompt begins with, where the answer repeats the prompt.
    Optional<String> echo(int prompt) {
        return echoes.isEmpty() ? Optional.empty() : Optional.of(echoes.get(prompt));
    }

    /// The same on behalf of a client.
    Order onBehalfOf(String clientKey) {
        List<GenerationRequest> owned = generations.stream()
                .map(each -> new GenerationRequest(
                        each.prompt(),
                        each.maxTokens(),
                        each.minTokens(),
                        each.sampling(),
                        each.stop(),
                        each.stopTokens(),
                        each.ignoreEos(),
                        each.topLogprobs(),
                        each.promptScores(),
                        each.memoryTrace(),
                        new Client(
                                clientKey,
                                each.client().priority(),
                                each.client().timeout()),
                        each.grammar()))
                .toList();
        return new Order(kind, owned, copies, echoes, logprobs, stream, includeUsage);
    }
}
