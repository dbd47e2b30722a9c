package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/// Compares JSON with the schemas of an OpenAPI document, as far as ours use the language, and remembers which
/// properties it has met.
final class SchemaCheck {
    private final JsonNode document;
    private final Set<String> met = new HashSet<>();

    SchemaCheck(JsonNode document) {
        this.document = document;
    }

    /// Properties met so far, such as `Completion.id`; those of a schema within another have a longer path.
    Set<String> met() {
        return met;
    }

    JsonNode schema(String name) {
        return document.at("/components/schemas/" + name);
    }

    /// What is wrong, each with its place.
    List<String> faults(String name, JsonNode value) {
        List<String> faults = new ArrayList<>();
        check(name, schema(name), value, faults);
        return faults;
    }

    private void check(String path, JsonNode schema, JsonNode value, List<String> faults) {
        if (schema.has("$ref")) {
            String reference = schema.get("$ref").textValue();
            check(
                    reference.substring(reference.lastIndexOf('/') + 1),
                    document.at(reference.substring(1)),
                    value,
                    faults);
            return;
        }
        if (schema.has("oneOf")) {
            boolean fits = StreamSupport.stream(schema.get("oneOf").spliterator(), false)
                    .anyMatch(each -> fits(path, each, value));
            if (!fits) {
                faults.add(path + ": none of oneOf fits " + value);
            }
            return;
        }
        if (schema.has("enum")
                && StreamSupport.stream(schema.get("enum").spliterator(), false).noneMatch(value::equals)) {
            faults.add(path + ": expected one of " + schema.get("enum") + ", found " + value);
        }
        if (schema.has("type") && !isOfType(schema.get("type"), value)) {
            faults.add(path + ": expected " + schema.get("type") + ", found " + value);
        }
        if (value.isObject()) {
            checkObject(path, schema, value, faults);
        }
        if (value.isArray() && schema.has("items")) {
            value.forEach(each -> check(path + "[]", schema.get("items"), each, faults));
        }
        if (value.isArray()
                && schema.has("maxItems")
                && value.size() > schema.get("maxItems").intValue()) {
            faults.add(path + ": expected at most " + schema.get("maxItems") + " items, found " + value.size());
        }
    }

    private boolean fits(String path, JsonNode schema, JsonNode value) {
        List<String> faults = new ArrayList<>();
        check(path, schema, value, faults);
        return faults.isEmpty();
    }

    private void checkObject(String path, JsonNode schema, JsonNode value, List<String> faults) {
        schema.path("required").forEach(name -> {
            if (!value.has(name.textValue())) {
                faults.add(path + "." + name.textValue() + ": expected, found none");
            }
        });
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            JsonNode property = schema.path("properties").path(field.getKey());
            JsonNode others = schema.path("additionalProperties");
            String place = path + "." + field.getKey();
            if (!property.isMissingNode()) {
                met.add(place);
                check(place, property, field.getValue(), faults);
            } else if (others.isObject()) {
                check(path + ".*", others, field.getValue(), faults);
            } else if (others.isBoolean() && !others.booleanValue()) {
                faults.add(place + ": found, but not documented");
            }
        }
    }

    private static boolean isOfType(JsonNode type, JsonNode value) {
        if (type.isArray()) {
            return StreamSupport.stream(type.spliterator(), false).anyMatch(each -> isOfType(each, value));
        }
        return switch (type.textValue()) {
            case "null" -> value.isNull();
            case "string" -> value.isTextual();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            case "number" -> value.isNumber();
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            default -> throw new AssertionError("type " + type);
        };
    }
}
