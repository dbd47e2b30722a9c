package dev.loci.api.openai;

import java.util.OptionalInt;

/// How many new tokens fit behind a prompt.
final class ContextLimit {
    private ContextLimit() {}

    /// Refuses a text that no prompt can hold before it is encoded.
    static void checkText(ServedModel model, String param, long chars) {
        long most = (model.contextTokens() + 1L) * model.tokenizer().longestChars();
        if (chars > most) {
            throw tooLong(param, "at most " + most + " characters", chars + " characters");
        }
    }

    /// Refuses more ids than any prompt can have, before anything is made of them.
    static void checkTokens(ServedModel model, String param, int tokens) {
        int most = model.contextTokens() + 1;
        if (tokens > most) {
            throw tooLong(param, "at most " + most + " tokens", tokens + " tokens");
        }
    }

    private static ApiException tooLong(String param, String expected, String found) {
        return ApiException.parameter("context_length_exceeded", param, expected, found);
    }

    /// @param asked    what the request says, if anything
    /// @param fallback for a request that says nothing; less where less fits
    static int maxTokens(
            ServedModel model, String promptParam, int promptTokens, String param, OptionalInt asked, int fallback) {
        int context = model.contextTokens();
        // a request that only scores needs no place for a token of its own
        boolean scores = asked.isPresent() && asked.getAsInt() == 0;
        int longest = scores ? context + 1 : context - 1;
        if (promptTokens > longest) {
            throw tooLong(promptParam, "at most " + longest + " tokens", promptTokens + " tokens");
        }
        if (asked.isPresent() && !scores && asked.getAsInt() > context - promptTokens) {
            throw tooLong(
                    param,
                    "at most " + (context - promptTokens) + " beside a prompt of " + promptTokens
                            + " tokens in a context of " + context,
                    String.valueOf(asked.getAsInt()));
        }
        return asked.orElse(Math.min(fallback, context - promptTokens));
    }
}
