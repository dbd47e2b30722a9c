package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Optional;

/// `/tokenize` and `/detokenize`, as vLLM has them.
final class Tokenization {
    private Tokenization() {}

    static Wire.Tokens tokenize(RequestFields fields, ServedModel model) {
        SharedFields.requireServed(fields, model);
        boolean strings = fields.bool("return_token_strs").orElse(false);
        Optional<JsonNode> messages = fields.find("messages");
        Optional<JsonNode> prompt = fields.find("prompt");
        if (messages.isPresent() == prompt.isPresent()) {
            throw ApiException.parameter(
                    messages.isPresent() ? "invalid_value" : "missing_parameter",
                    "prompt",
                    "a string, or messages instead",
                    messages.isPresent() ? "both" : "none");
        }
        int[] ids = messages.isPresent() ? conversation(fields, model, messages.get()) : text(fields, model);
        return new Wire.Tokens(
                ids.length,
                model.contextTokens(),
                ids,
                strings
                        ? Optional.of(Arrays.stream(ids)
                                .mapToObj(id -> TokenText.of(model.tokenizer(), id))
                                .toList())
                        : Optional.empty());
    }

    private static int[] text(RequestFields fields, ServedModel model) {
        String prompt = fields.string("prompt").orElseThrow();
        boolean addSpecialTokens = fields.bool("add_special_tokens").orElse(true);
        fields.refuseOthers();
        ContextLimit.checkText(model, "prompt", prompt.length());
        return model.tokenizer().encode(prompt, addSpecialTokens);
    }

    private static int[] conversation(RequestFields fields, ServedModel model, JsonNode messages) {
        boolean addGenerationPrompt = fields.bool("add_generation_prompt").orElse(true);
        // the template writes the frame itself
        fields.only("add_special_tokens", "false", NeutralFields::isFalse);
        fields.only("continue_final_message", "false", NeutralFields::isFalse);
        fields.only("tools", "none: this server calls no tools", NeutralFields::isEmptyArray);
        fields.refuseOthers();
        return ChatPrompt.ids(model, "messages", ChatPrompt.messages(messages), addGenerationPrompt);
    }

    static Wire.DetokenizedText detokenize(RequestFields fields, ServedModel model) {
        SharedFields.requireServed(fields, model);
        String expected = "an array of ids";
        JsonNode tokens = fields.require("tokens", expected);
        fields.refuseOthers();
        if (!tokens.isArray()) {
            throw ApiException.invalid("tokens", expected, RequestFields.quote(tokens));
        }
        ContextLimit.checkTokens(model, "tokens", tokens.size());
        int[] ids = new int[tokens.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = RequestFields.integer("tokens[" + i + "]", tokens.get(i), 0, model.vocabSize() - 1);
        }
        return new Wire.DetokenizedText(model.tokenizer().decode(ids, true));
    }
}
