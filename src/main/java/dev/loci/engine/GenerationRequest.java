package dev.loci.engine;

import dev.loci.grammar.TokenGrammar;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/// One sequence to continue, or to score.
/// @param prompt        ids below the model's vocabSize, at least 1; not modified by anyone. Requests that share the
///                      array itself share the work on it
/// @param maxTokens     new tokens at most; 0 only scores the prompt
/// @param minTokens     new tokens before which no stop token is drawn
/// @param stop          strings that end the generation and are not part of its text; never empty strings
/// @param stopTokens    ids that end it, beside the model's own (unless `ignoreEos`)
/// @param ignoreEos     whether the model's own stop tokens are drawn like any other
/// @param topLogprobs   how many alternatives each new token's score has; empty for no scores
/// @param promptScores  how many alternatives each prompt token's score has; empty for no scores
/// @param memoryTrace   whether each new token comes with what the memory layers hit
/// @param client        on whose behalf, how urgent, and how long it may take
/// @param grammar       that the answer is held to; empty for any text
@SuppressWarnings("ArrayRecordComponent") // ids stay unboxed; nobody compares requests
public record GenerationRequest(
        int[] prompt,
        int maxTokens,
        int minTokens,
        Sampling sampling,
        List<String> stop,
        List<Integer> stopTokens,
        boolean ignoreEos,
        OptionalInt topLogprobs,
        OptionalInt promptScores,
        boolean memoryTrace,
        Client client,
        Optional<TokenGrammar> grammar) {
    /// @param key      requests of one key share what the server gives; keys share it evenly
    /// @param priority lower goes first
    /// @param timeout  from submission to the last event; empty for no end
    public record Client(String key, int priority, Optional<Duration> timeout) {
        /// Nobody in particular, in no hurry.
        public static final Client ANYONE = new Client("", 0, Optional.empty());

        public Client {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(timeout, "timeout");
        }
    }

    public GenerationRequest {
        Objects.requireNonNull(sampling, "sampling");
        Objects.requireNonNull(client, "client");
        Objects.requireNonNull(grammar, "grammar");
        if (prompt.length == 0) {
            throw new IllegalArgumentException("prompt: expected at least 1 token, found 0");
        }
        if (maxTokens < 0) {
            throw new IllegalArgumentException("max_tokens: expected at least 0, found " + maxTokens);
        }
        if (minTokens < 0 || minTokens > maxTokens) {
            throw new IllegalArgumentException(
                    "min_tokens: expected 0 to max_tokens, " + maxTokens + ", found " + minTokens);
        }
        stop = List.copyOf(stop);
        if (stop.contains("")) {
            throw new IllegalArgumentException("stop: expected strings of at least 1 character, found an empty one");
        }
        stopTokens = List.copyOf(stopTokens);
    }

    /// Of any text, without what the memory layers hit.
    public GenerationRequest(
            int[] prompt,
            int maxTokens,
            int minTokens,
            Sampling sampling,
            List<String> stop,
            List<Integer> stopTokens,
            boolean ignoreEos,
            OptionalInt topLogprobs,
            OptionalInt promptScores,
            Client client) {
        this(
                prompt,
                maxTokens,
                minTokens,
                sampling,
                stop,
                stopTokens,
                ignoreEos,
                topLogprobs,
                promptScores,
                false,
                client,
                Optional.empty());
    }

    /// From anyone, without a minimum.
    public GenerationRequest(
            int[] prompt,
            int maxTokens,
            Sampling sampling,
            List<String> stop,
            List<Integer> stopTokens,
            boolean ignoreEos,
            OptionalInt topLogprobs,
            OptionalInt promptScores) {
        this(prompt, maxTokens, 0, sampling, stop, stopTokens, ignoreEos, topLogprobs, promptScores, Client.ANYONE);
    }
}
