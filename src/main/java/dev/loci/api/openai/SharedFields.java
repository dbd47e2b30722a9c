package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loci.engine.Sampling;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;

/// Parameters that both endpoints have.
/// @param includeUsage whether a stream ends with the counts of tokens
record SharedFields(
        Sampling sampling,
        List<String> stop,
        List<Integer> stopTokens,
        boolean ignoreEos,
        boolean stream,
        boolean includeUsage) {
    private static final int MAX_STOPS = 16;
    private static final int MAX_STOP_CHARS = 1024;
    private static final int MAX_STOP_TOKENS = 64;

    SharedFields {
        stop = List.copyOf(stop);
        stopTokens = List.copyOf(stopTokens);
    }

    static SharedFields parse(RequestFields fields, ServedModel model) {
        if (!fields.string("model").orElse(model.id()).equals(model.id())) {
            throw ApiException.modelNotFound(model.id(), RequestFields.quote(fields.require("model", "a name")));
        }
        boolean stream = fields.bool("stream").orElse(false);
        boolean includeUsage = includeUsage(fields, stream);
        refuseWhatIsNotThere(fields);
        fields.string("user");
        return new SharedFields(
                sampling(fields),
                stop(fields),
                stopTokens(fields, model.vocabSize()),
                fields.bool("ignore_eos").orElse(false),
                stream,
                includeUsage);
    }

    private static Sampling sampling(RequestFields fields) {
        double temperature = fields.number("temperature", "a number in 0..100", t -> t >= 0 && t <= 100)
                .orElse(1);
        double topP = fields.number("top_p", "a number in (0, 1]", p -> p > 0 && p <= 1)
                .orElse(1);
        int topK = fields.integer("top_k", -1, Integer.MAX_VALUE).orElse(0);
        double minP = fields.number("min_p", "a number in 0..1", p -> p >= 0 && p <= 1)
                .orElse(0);
        OptionalLong seed = fields.longInteger("seed");
        return new Sampling(
                temperature,
                topP,
                Math.max(0, topK),
                minP,
                seed.orElseGet(() -> ThreadLocalRandom.current().nextLong()));
    }

    private static List<String> stop(RequestFields fields) {
        JsonNode node = fields.find("stop").orElse(null);
        if (node == null) {
            return List.of();
        }
        List<JsonNode> values = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(values::add);
        } else {
            values.add(node);
        }
        boolean fits = values.size() <= MAX_STOPS
                && values.stream()
                        .allMatch(value -> value.isTextual()
                                && !value.textValue().isEmpty()
                                && value.textValue().length() <= MAX_STOP_CHARS);
        if (!fits) {
            throw ApiException.invalid(
                    fields.path("stop"),
                    "up to " + MAX_STOPS + " strings of 1 to " + MAX_STOP_CHARS + " characters",
                    RequestFields.quote(node));
        }
        return values.stream().map(JsonNode::textValue).toList();
    }

    private static List<Integer> stopTokens(RequestFields fields, int vocabSize) {
        JsonNode node = fields.find("stop_token_ids").orElse(null);
        if (node == null) {
            return List.of();
        }
        if (!node.isArray() || node.size() > MAX_STOP_TOKENS) {
            throw ApiException.invalid(
                    fields.path("stop_token_ids"), "up to " + MAX_STOP_TOKENS + " ids", RequestFields.quote(node));
        }
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            ids.add(RequestFields.integer(fields.path("stop_token_ids[" + i + "]"), node.get(i), 0, vocabSize - 1));
        }
        return ids;
    }

    private static boolean includeUsage(RequestFields fields, boolean stream) {
        RequestFields options = fields.object("stream_options").orElse(null);
        if (options == null) {
            return false;
        }
        if (!stream) {
            throw ApiException.invalid(fields.path("stream_options"), "\"stream\": true beside it", "no stream");
        }
        boolean includeUsage = options.bool("include_usage").orElse(false);
        options.only("include_obfuscation", "false", node -> node.isBoolean() && !node.booleanValue());
        options.refuseOthers();
        return includeUsage;
    }

    /// Names that clients send with values that change nothing; any other value is refused.
    private static void refuseWhatIsNotThere(RequestFields fields) {
        fields.only("n", "1", node -> isNumber(node, 1));
        fields.only("presence_penalty", "0", node -> isNumber(node, 0));
        fields.only("frequency_penalty", "0", node -> isNumber(node, 0));
        fields.only("repetition_penalty", "1", node -> isNumber(node, 1));
        fields.only("logit_bias", "an empty object", node -> node.isObject() && node.isEmpty());
        fields.only(
                "response_format",
                "{\"type\":\"text\"}",
                node -> node.isObject()
                        && node.size() == 1
                        && node.path("type").asText().equals("text"));
        fields.only("min_tokens", "0", node -> isNumber(node, 0));
        fields.only("priority", "0", node -> isNumber(node, 0));
        fields.only("store", "false", node -> node.isBoolean() && !node.booleanValue());
        fields.only("metadata", "an object", JsonNode::isObject);
    }

    static boolean isNumber(JsonNode node, double value) {
        return node.isNumber() && node.doubleValue() == value;
    }
}
