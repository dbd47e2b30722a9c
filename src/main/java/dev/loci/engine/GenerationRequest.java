package dev.loci.engine;

import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/// One sequence to continue, or to score.
/// @param prompt        ids below the model's vocabSize, at least 1; not modified by anyone
/// @param maxTokens     new tokens at most; 0 only scores the prompt
/// @param stop          strings that end the generation and are not part of its text; never empty strings
/// @param stopTokens    ids that end it, beside the model's own (unless `ignoreEos`)
/// @param ignoreEos     whether the model's own stop tokens are drawn like any other
/// @param topLogprobs   how many alternatives each new token's score has; empty for no scores
/// @param promptScores  how many alternatives each prompt token's score has; empty for no scores
@SuppressWarnings("ArrayRecordComponent") // ids stay unboxed; nobody compares requests
public record GenerationRequest(
        int[] prompt,
        int maxTokens,
        Sampling sampling,
        List<String> stop,
        List<Integer> stopTokens,
        boolean ignoreEos,
        OptionalInt topLogprobs,
        OptionalInt promptScores) {
    public GenerationRequest {
        Objects.requireNonNull(sampling, "sampling");
        if (prompt.length == 0) {
            throw new IllegalArgumentException("prompt: expected at least 1 token, found 0");
        }
        if (maxTokens < 0) {
            throw new IllegalArgumentException("max_tokens: expected at least 0, found " + maxTokens);
        }
        stop = List.copyOf(stop);
        if (stop.contains("")) {
            throw new IllegalArgumentException("stop: expected strings of at least 1 character, found an empty one");
        }
        stopTokens = List.copyOf(stopTokens);
    }
}
