package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

/// The fields of one JSON object of a request. A null counts as absent. Remembers what was asked for, so that
/// [#refuseOthers] can name what nobody knows.
final class RequestFields {
    private static final int MAX_QUOTE = 60;

    private final ObjectNode object;
    private final String prefix;
    private final Set<String> known = new HashSet<>();

    /// @param prefix put before a field's name in messages, such as `stream_options.`
    RequestFields(ObjectNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    String path(String name) {
        return prefix + name;
    }

    Optional<JsonNode> find(String name) {
        known.add(name);
        JsonNode node = object.get(name);
        return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
    }

    JsonNode require(String name, String expected) {
        return find(name).orElseThrow(() -> ApiException.parameter("missing_parameter", path(name), expected, "none"));
    }

    Optional<String> string(String name) {
        return find(name).map(node -> {
            if (!node.isTextual()) {
                throw ApiException.invalid(path(name), "a string", quote(node));
            }
            return node.textValue();
        });
    }

    Optional<Boolean> bool(String name) {
        return find(name).map(node -> {
            if (!node.isBoolean()) {
                throw ApiException.invalid(path(name), "true or false", quote(node));
            }
            return node.booleanValue();
        });
    }

    OptionalInt integer(String name, int min, int max) {
        return find(name)
                .map(node -> OptionalInt.of(integer(path(name), node, min, max)))
                .orElse(OptionalInt.empty());
    }

    static int integer(String path, JsonNode node, int min, int max) {
        boolean whole = node.isIntegralNumber() && node.canConvertToInt();
        if (!whole || node.intValue() < min || node.intValue() > max) {
            throw ApiException.invalid(path, expected(min, max), quote(node));
        }
        return node.intValue();
    }

    private static String expected(int min, int max) {
        if (max != Integer.MAX_VALUE) {
            return "an integer in " + min + ".." + max;
        }
        return min == Integer.MIN_VALUE ? "an integer of 32 bits" : "an integer of at least " + min;
    }

    OptionalLong longInteger(String name) {
        Optional<JsonNode> found = find(name);
        if (found.isEmpty()) {
            return OptionalLong.empty();
        }
        JsonNode node = found.get();
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw ApiException.invalid(path(name), "an integer of 64 bits", quote(node));
        }
        return OptionalLong.of(node.longValue());
    }

    OptionalDouble number(String name, String expected, Predicate<Double> accepted) {
        Optional<JsonNode> found = find(name);
        if (found.isEmpty()) {
            return OptionalDouble.empty();
        }
        JsonNode node = found.get();
        if (!node.isNumber() || !accepted.test(node.doubleValue())) {
            throw ApiException.invalid(path(name), expected, quote(node));
        }
        return OptionalDouble.of(node.doubleValue());
    }

    Optional<RequestFields> object(String name) {
        return find(name).map(node -> {
            if (!(node instanceof ObjectNode inner)) {
                throw ApiException.invalid(path(name), "an object", quote(node));
            }
            return new RequestFields(inner, path(name) + ".");
        });
    }

    /// A field that may only say what happens anyway.
    void only(String name, String expected, Predicate<JsonNode> accepted) {
        find(name).ifPresent(node -> {
            if (!accepted.test(node)) {
                throw ApiException.parameter("unsupported_value", path(name), expected, quote(node));
            }
        });
    }

    /// Names that were asked for so far.
    Set<String> known() {
        return Set.copyOf(known);
    }

    /// Refuses fields that no method was asked for.
    void refuseOthers() {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        names.removeIf(name -> known.contains(name) || object.get(name).isNull());
        if (!names.isEmpty()) {
            String name = shorten(names.get(0));
            throw ApiException.parameter(
                    "unknown_parameter", path(name), "only parameters that this endpoint knows", "an unknown one");
        }
    }

    static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case STRING -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "a boolean";
            case NULL, MISSING, BINARY, POJO -> "nothing";
        };
    }

    static String quote(JsonNode node) {
        return node.isContainerNode() ? kind(node) : shorten(node.toString());
    }

    /// At most so many characters, in one line.
    static String shorten(String whole) {
        String text = whole.replaceAll("\\p{Cntrl}", "?");
        int end = Math.min(MAX_QUOTE, text.length());
        boolean splitsPair = end < text.length() && Character.isHighSurrogate(text.charAt(end - 1));
        return end == text.length() ? text : text.substring(0, splitsPair ? end - 1 : end) + "...";
    }
}
