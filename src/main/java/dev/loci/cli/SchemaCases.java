package dev.loci.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.loci.grammar.Grammar;
import dev.loci.grammar.GrammarException;
import dev.loci.grammar.GrammarState;
import dev.loci.grammar.TokenGrammar;
import dev.loci.grammar.TokenMask;
import dev.loci.grammar.Vocabulary;
import dev.loci.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/// Judges the grammar engine by cases: a schema each, with instances that it accepts or not. Every
/// instance goes through token by token, as an answer of a model would.
final class SchemaCases {
    private static final long TIMEOUT_NANOS = 1_000_000_000;
    private static final int QUOTE = 60;
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /// What became of one case.
    enum Outcome {
        PASSED,
        REFUSED,
        CRASHED,
        TIMED_OUT,
        VALIDATION_ERROR,
        INVALIDATION_ERROR
    }

    /// @param why for a case that did not pass
    record Verdict(String name, Outcome outcome, String why) {}

    private final Tokenizer tokenizer;
    private final Vocabulary vocabulary;
    private final List<Long> compileNanos = new ArrayList<>();
    private final List<Long> maskNanos = new ArrayList<>();

    SchemaCases(Tokenizer tokenizer, Vocabulary vocabulary) {
        this.tokenizer = tokenizer;
        this.vocabulary = vocabulary;
    }

    List<Long> compileNanos() {
        return compileNanos;
    }

    List<Long> maskNanos() {
        return maskNanos;
    }

    void forget() {
        compileNanos.clear();
        maskNanos.clear();
    }

    /// @param line a JSON object with `name`, `schema` and `tests`, each of which has `valid` and
    ///             `data`
    Verdict judge(String line) throws JsonProcessingException {
        JsonNode entry = MAPPER.readTree(line);
        String name = entry.path("name").asText();
        TokenGrammar grammar;
        long start = System.nanoTime();
        try {
            grammar = new TokenGrammar(Grammar.jsonSchema(entry.path("schema").toString()), vocabulary);
        } catch (GrammarException e) {
            return new Verdict(name, Outcome.REFUSED, e.getMessage());
        } catch (RuntimeException | StackOverflowError e) {
            return new Verdict(name, Outcome.CRASHED, e.toString());
        }
        long compiled = System.nanoTime() - start;
        compileNanos.add(compiled);
        if (compiled > TIMEOUT_NANOS) {
            return new Verdict(name, Outcome.TIMED_OUT, compiled / 1_000_000 + " ms to compile");
        }
        int index = 0;
        for (JsonNode test : entry.path("tests")) {
            String text = serialized(test.path("data"));
            int rejected = rejected(grammar, text);
            boolean valid = test.path("valid").asBoolean();
            if (rejected < 0 != valid) {
                return valid
                        ? new Verdict(
                                name,
                                Outcome.VALIDATION_ERROR,
                                "instance " + index + ", rejected after " + end(text.substring(0, rejected)))
                        : new Verdict(name, Outcome.INVALIDATION_ERROR, "instance " + index);
            }
            index++;
        }
        return new Verdict(name, Outcome.PASSED, "");
    }

    private static String end(String text) {
        return text.length() <= QUOTE ? text : "..." + text.substring(text.length() - QUOTE);
    }

    /// How many characters come before the token that is not allowed; -1 where all are.
    private int rejected(TokenGrammar grammar, String text) {
        GrammarState state = grammar.first();
        int[] ids = tokenizer.encodePlain(text);
        for (int i = 0; i < ids.length; i++) {
            int id = ids[i];
            long start = System.nanoTime();
            TokenMask mask = grammar.mask(state);
            boolean allowed = mask.allows(id);
            if (allowed) {
                state = grammar.after(state, id);
            }
            maskNanos.add(System.nanoTime() - start);
            if (!allowed) {
                return Math.min(
                        text.length(),
                        tokenizer.decode(Arrays.copyOf(ids, i), false).length());
            }
        }
        return state.complete() ? -1 : text.length();
    }

    /// JSON as most libraries of other languages write it: a blank after commas and colons.
    static String serialized(JsonNode node) {
        StringBuilder out = new StringBuilder();
        append(node, out);
        return out.toString();
    }

    private static void append(JsonNode node, StringBuilder out) {
        if (node.isObject()) {
            out.append('{');
            Iterator<Map.Entry<String, JsonNode>> fields = node.properties().iterator();
            while (fields.hasNext()) {
                Map.Entry<String, JsonNode> field = fields.next();
                out.append(TextNode.valueOf(field.getKey())).append(": ");
                append(field.getValue(), out);
                out.append(fields.hasNext() ? ", " : "");
            }
            out.append('}');
        } else if (node.isArray()) {
            out.append('[');
            for (int i = 0; i < node.size(); i++) {
                out.append(i > 0 ? ", " : "");
                append(node.get(i), out);
            }
            out.append(']');
        } else {
            out.append(node);
        }
    }
}
