package dev.loci.api.openai;

import java.util.OptionalInt;

/// How many new tokens fit behind a prompt.
final class ContextLimit {
    private ContextLimit() {}

    /// @param asked    what the request says, if anything
    /// @param fallback for a request that says nothing; less where less fits
    static int maxTokens(
            ServedModel model, String promptParam, int promptTokens, String param, OptionalInt asked, int fallback) {
        int context = model.contextTokens();
        // a request that only scores needs no place for a token of its own
        boolean scores = asked.isPresent() && asked.getAsInt() == 0;
        int longest = scores ? context + 1 : context - 1;
        if (promptTokens > longest) {
            throw ApiException.parameter(
                    "context_length_exceeded", promptParam, "at most " + longest + " tokens", promptTokens + " tokens");
        }
        if (asked.isPresent() && !scores && asked.getAsInt() > context - promptTokens) {
            throw ApiException.parameter(
                    "context_length_exceeded",
                    param,
                    "at most " + (context - promptTokens) + " beside a prompt of " + promptTokens
                            + " tokens in a context of " + context,
                    String.valueOf(asked.getAsInt()));
        }
        return asked.orElse(Math.min(fallback, context - promptTokens));
    }
}
