package dev.loci.grammar;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/// Reads the text of a schema, numbers exactly.
final class SchemaReader {
    static final int MAX_CHARS = 1 << 20;
    static final int MAX_DEPTH = 200;
    private static final int MAX_QUOTE = 60;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(400)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private SchemaReader() {}

    static SchemaDocument read(String text) {
        if (text.length() > MAX_CHARS) {
            throw GrammarException.of("#", "", "at most " + MAX_CHARS + " characters", String.valueOf(text.length()));
        }
        return new SchemaDocument(json(text));
    }

    static JsonNode json(String text) {
        try {
            JsonNode node = MAPPER.readTree(text);
            if (node.isMissingNode()) {
                throw GrammarException.of("#", "", "JSON", "nothing");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw GrammarException.of("#", "", "JSON", e.getOriginalMessage());
        } catch (NumberFormatException e) {
            throw GrammarException.of("#", "", "JSON with exponents of 32 bits", "a number with a larger one");
        }
    }

    static String quote(JsonNode node) {
        String text = node.toString();
        return text.length() <= MAX_QUOTE ? text : text.substring(0, MAX_QUOTE) + "...";
    }
}
