package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loci.engine.Sampling;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/// Parameters that say how tokens are drawn.
final class SamplingFields {
    private static final int MAX_BIASES = 1024;
    /// One way only to write an id, so that no two names are one id.
    private static final Pattern ID = Pattern.compile("0|[1-9][0-9]{0,8}");

    private SamplingFields() {}

    static Sampling parse(RequestFields fields, int vocabSize) {
        double temperature = fields.number("temperature", "a number in 0..2", t -> t >= 0 && t <= 2)
                .orElse(1);
        double topP = fields.number("top_p", "a number in (0, 1]", p -> p > 0 && p <= 1)
                .orElse(1);
        int topK = fields.integer("top_k", -1, Integer.MAX_VALUE).orElse(0);
        double minP = fields.number("min_p", "a number in 0..1", p -> p >= 0 && p <= 1)
                .orElse(0);
        double repetition = fields.number("repetition_penalty", "a number in (0, 100]", p -> p > 0 && p <= 100)
                .orElse(1);
        double presence = penalty(fields, "presence_penalty");
        double frequency = penalty(fields, "frequency_penalty");
        OptionalLong seed = fields.longInteger("seed");
        return new Sampling(
                temperature,
                topP,
                Math.max(0, topK),
                minP,
                repetition,
                presence,
                frequency,
                logitBias(fields, vocabSize),
                seed.orElseGet(() -> ThreadLocalRandom.current().nextLong()));
    }

    private static double penalty(RequestFields fields, String name) {
        return fields.number(name, "a number in -2..2", p -> Math.abs(p) <= 2).orElse(0);
    }

    private static Map<Integer, Double> logitBias(RequestFields fields, int vocabSize) {
        JsonNode node = fields.find("logit_bias").orElse(null);
        if (node == null) {
            return Map.of();
        }
        String path = fields.path("logit_bias");
        if (!node.isObject() || node.size() > MAX_BIASES) {
            throw ApiException.invalid(
                    path,
                    "an object of up to " + MAX_BIASES + " ids with numbers in -100..100",
                    node.isObject() ? String.valueOf(node.size()) : RequestFields.quote(node));
        }
        Map<Integer, Double> biases = new HashMap<>();
        for (Map.Entry<String, JsonNode> each : node.properties()) {
            String name = each.getKey();
            if (!ID.matcher(name).matches() || Integer.parseInt(name) >= vocabSize) {
                throw ApiException.invalid(
                        path, "ids in 0.." + (vocabSize - 1) + " as names", RequestFields.shorten(name));
            }
            JsonNode value = each.getValue();
            if (!value.isNumber() || !(Math.abs(value.doubleValue()) <= 100)) {
                throw ApiException.invalid(path + "." + name, "a number in -100..100", RequestFields.quote(value));
            }
            biases.put(Integer.valueOf(name), value.doubleValue());
        }
        return biases;
    }
}
