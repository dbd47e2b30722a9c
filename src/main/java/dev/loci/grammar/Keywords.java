package dev.loci.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// The keywords of one schema, each read with its type checked.
///
/// What no draft of JSON Schema defines is an annotation, as the specification says; what one defines
/// and Loci does not hold output to is refused.
final class Keywords {
    private static final Set<String> UNSUPPORTED = Set.of(
            "unevaluatedProperties",
            "unevaluatedItems",
            "contains",
            "minContains",
            "maxContains",
            "$dynamicRef",
            "$recursiveRef",
            "extends",
            "disallow",
            "divisibleBy");

    private final Schema schema;
    private final ObjectNode json;

    Keywords(Schema schema) {
        this.schema = schema;
        this.json = (ObjectNode) schema.json();
    }

    Schema schema() {
        return schema;
    }

    String path() {
        return schema.path();
    }

    void refuseUnsupported() {
        for (String keyword : UNSUPPORTED) {
            if (has(keyword)) {
                throw GrammarException.unsupported(path(), keyword, SchemaReader.quote(json.get(keyword)));
            }
        }
        if (flag("uniqueItems") && !(count("maxItems").orElse(Long.MAX_VALUE) <= 1)) {
            throw GrammarException.unsupported(path(), "uniqueItems", "true");
        }
    }

    boolean has(String keyword) {
        return json.has(keyword);
    }

    boolean hasAny(String... keywords) {
        for (String keyword : keywords) {
            if (json.has(keyword)) {
                return true;
            }
        }
        return false;
    }

    JsonNode get(String keyword) {
        return json.get(keyword);
    }

    String pathOf(String keyword) {
        return path() + "/" + keyword.replace("~", "~0").replace("/", "~1");
    }

    boolean flag(String keyword) {
        JsonNode node = json.get(keyword);
        if (node == null) {
            return false;
        }
        if (!node.isBoolean()) {
            throw wrong(keyword, "true or false");
        }
        return node.booleanValue();
    }

    OptionalLong count(String keyword) {
        JsonNode node = json.get(keyword);
        if (node == null) {
            return OptionalLong.empty();
        }
        boolean whole =
                node.isNumber() && node.decimalValue().stripTrailingZeros().scale() <= 0;
        if (!whole || node.decimalValue().signum() < 0) {
            throw wrong(keyword, "a whole number of at least 0");
        }
        return OptionalLong.of(
                node.decimalValue().min(BigDecimal.valueOf(Long.MAX_VALUE / 4)).longValue());
    }

    Optional<BigDecimal> number(String keyword) {
        JsonNode node = json.get(keyword);
        if (node == null) {
            return Optional.empty();
        }
        if (!node.isNumber()) {
            throw wrong(keyword, "a number");
        }
        return Optional.of(node.decimalValue());
    }

    Optional<String> text(String keyword) {
        JsonNode node = json.get(keyword);
        if (node == null) {
            return Optional.empty();
        }
        if (!node.isTextual()) {
            throw wrong(keyword, "a string");
        }
        return Optional.of(node.textValue());
    }

    JsonNode array(String keyword) {
        JsonNode node = json.get(keyword);
        if (!node.isArray()) {
            throw wrong(keyword, "an array");
        }
        return node;
    }

    JsonNode object(String keyword) {
        JsonNode node = json.get(keyword);
        if (!node.isObject()) {
            throw wrong(keyword, "an object");
        }
        return node;
    }

    GrammarException wrong(String keyword, String expected) {
        return GrammarException.of(path(), keyword, expected, SchemaReader.quote(json.get(keyword)));
    }
}
