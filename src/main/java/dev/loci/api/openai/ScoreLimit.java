package dev.loci.api.openai;

import dev.loci.engine.GenerationRequest;
import java.util.List;
import java.util.OptionalInt;

/// Bounds the log-probabilities of one answer, alternatives among them: each is some hundred bytes until the answer is
/// written.
final class ScoreLimit {
    private static final long MOST_SCORES = 1 << 21;

    private ScoreLimit() {}

    static void check(List<GenerationRequest> generations) {
        long scores = generations.stream()
                .mapToLong(each -> scores(each.maxTokens(), each.topLogprobs())
                        + scores(each.prompt().length, each.promptScores()))
                .sum();
        if (scores > MOST_SCORES) {
            throw ApiException.invalid(
                    "logprobs",
                    "at most " + MOST_SCORES + " log-probabilities in an answer, as max_tokens says",
                    String.valueOf(scores));
        }
    }

    /// New tokens of each candidate that the bound leaves room for, for a request that does not say how many it wants.
    static int mostTokens(Copies copies, OptionalInt topLogprobs) {
        return topLogprobs.isEmpty()
                ? Integer.MAX_VALUE
                : Math.toIntExact(MOST_SCORES / (copies.candidates() * (topLogprobs.getAsInt() + 1L)));
    }

    /// @param alternatives beside each token's own; empty where it has no score
    private static long scores(int tokens, OptionalInt alternatives) {
        return alternatives.isEmpty() ? 0 : tokens * (alternatives.getAsInt() + 1L);
    }
}
