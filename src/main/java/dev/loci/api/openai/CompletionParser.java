package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loci.engine.GenerationRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Validates requests of `/v1/completions`.
final class CompletionParser {
    private static final int MAX_PROMPTS = 256;
    private static final int MAX_GENERATIONS = 1024;
    private static final int DEFAULT_TOKENS = 16;
    private static final int MAX_LOGPROBS = 20;

    private static final String EXPECTED_PROMPT =
            "a string, an array of strings, an array of ids, or an array of arrays of ids";

    private final RequestFields fields;
    private final ServedModel model;

    private CompletionParser(RequestFields fields, ServedModel model) {
        this.fields = fields;
        this.model = model;
    }

    static Order parse(RequestFields fields, ServedModel model) {
        return new CompletionParser(fields, model).order();
    }

    /// @param text what an answer that repeats the prompt begins with
    @SuppressWarnings("ArrayRecordComponent") // ids stay unboxed; nobody compares prompts
    private record Prompt(String param, int[] ids, String text) {}

    private Order order() {
        SharedFields shared = SharedFields.parse(fields, model);
        OptionalInt maxTokens = fields.integer("max_tokens", 0, Integer.MAX_VALUE);
        boolean echo = fields.bool("echo").orElse(false);
        boolean addSpecialTokens = fields.bool("add_special_tokens").orElse(true);
        OptionalInt logprobs = fields.integer("logprobs", 0, MAX_LOGPROBS);
        Copies copies = copies(shared);
        fields.only("suffix", "none", node -> false);
        JsonNode prompt = fields.require("prompt", EXPECTED_PROMPT);
        fields.refuseOthers();

        List<Prompt> prompts = prompts(prompt, addSpecialTokens);
        refuseTooMany(prompts.size(), copies);
        List<GenerationRequest> generations = new ArrayList<>();
        for (Prompt each : prompts) {
            int newTokens = ContextLimit.maxTokens(
                    model, each.param(), each.ids().length, "max_tokens", maxTokens, DEFAULT_TOKENS);
            generations.addAll(
                    shared.generations(each.ids(), newTokens, copies, logprobs, echo ? logprobs : OptionalInt.empty()));
        }
        MemoryTracer.check(generations);
        ScoreLimit.check(generations);
        List<String> echoes = echo ? prompts.stream().map(Prompt::text).toList() : List.of();
        return new Order(
                Order.Kind.COMPLETION,
                generations,
                copies,
                echoes,
                logprobs.isPresent(),
                shared.stream(),
                shared.includeUsage());
    }

    private Copies copies(SharedFields shared) {
        int choices = shared.choices();
        int candidates =
                fields.integer("best_of", choices, model.limits().maxChoices()).orElse(choices);
        if (shared.stream() && candidates > choices) {
            throw ApiException.invalid(
                    "best_of",
                    "n, " + choices + ", or none: the best are known at the end, a stream shows all",
                    String.valueOf(candidates));
        }
        return new Copies(choices, candidates);
    }

    private static void refuseTooMany(int prompts, Copies copies) {
        int most = Math.max(1, MAX_GENERATIONS / copies.candidates());
        if (prompts > most) {
            throw ApiException.invalid(
                    "prompt",
                    "at most " + most + " prompts of " + copies.candidates() + " generations each",
                    String.valueOf(prompts));
        }
    }

    private List<Prompt> prompts(JsonNode node, boolean addSpecialTokens) {
        if (node.isTextual()) {
            return List.of(ofText("prompt", node.textValue(), addSpecialTokens));
        }
        if (!node.isArray() || node.isEmpty()) {
            throw ApiException.invalid(
                    "prompt", EXPECTED_PROMPT, node.isArray() ? "an empty array" : RequestFields.quote(node));
        }
        if (node.get(0).isNumber()) {
            return List.of(ofIds("prompt", node));
        }
        if (node.size() > MAX_PROMPTS) {
            throw ApiException.invalid("prompt", "at most " + MAX_PROMPTS + " prompts", String.valueOf(node.size()));
        }
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            JsonNode each = node.get(i);
            String param = "prompt[" + i + "]";
            boolean texts = node.get(0).isTextual();
            if (texts ? !each.isTextual() : !each.isArray()) {
                throw ApiException.invalid(param, texts ? "a string" : "an array of ids", RequestFields.quote(each));
            }
            prompts.add(texts ? ofText(param, each.textValue(), addSpecialTokens) : ofIds(param, each));
        }
        return prompts;
    }

    private Prompt ofText(String param, String text, boolean addSpecialTokens) {
        ContextLimit.checkText(model, param, text.length());
        int[] ids = model.tokenizer().encode(text, addSpecialTokens);
        if (ids.length == 0) {
            throw ApiException.invalid(param, "at least 1 token", "0");
        }
        return new Prompt(param, ids, text);
    }

    private Prompt ofIds(String param, JsonNode nodes) {
        if (nodes.isEmpty()) {
            throw ApiException.invalid(param, "at least 1 token", "0");
        }
        ContextLimit.checkTokens(model, param, nodes.size());
        int[] ids = new int[nodes.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = RequestFields.integer(param + "[" + i + "]", nodes.get(i), 0, model.vocabSize() - 1);
        }
        return new Prompt(param, ids, model.tokenizer().decode(ids, true));
    }
}
