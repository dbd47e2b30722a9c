package dev.loci.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a schema says about the properties of an object.
final class ObjectKeywords {
    private static final int MAX_CLASSES = 256;

    private final SchemaDocument document;
    private final TypeKeywords types;

    ObjectKeywords(SchemaDocument document, TypeKeywords types) {
        this.document = document;
        this.types = types;
    }

    Alternative of(Keywords keywords) {
        Map<String, Conjunction> patterns = new LinkedHashMap<>();
        if (keywords.has("patternProperties")) {
            for (Map.Entry<String, JsonNode> entry :
                    keywords.object("patternProperties").properties()) {
                patterns.put(entry.getKey(), sub(entry.getValue(), keywords, "patternProperties", entry.getKey()));
            }
        }
        Conjunction additional = keywords.has("additionalProperties")
                ? Conjunction.of(
                        document.at(keywords.get("additionalProperties"), keywords.pathOf("additionalProperties")))
                : Conjunction.ANYTHING;
        Map<String, Conjunction> named = new LinkedHashMap<>();
        if (keywords.has("properties")) {
            for (Map.Entry<String, JsonNode> entry :
                    keywords.object("properties").properties()) {
                Conjunction value = sub(entry.getValue(), keywords, "properties", entry.getKey());
                for (Map.Entry<String, Conjunction> pattern : patterns.entrySet()) {
                    if (types.pattern(pattern.getKey(), keywords, "patternProperties")
                            .contains(entry.getKey())) {
                        value = value.and(pattern.getValue());
                    }
                }
                named.put(entry.getKey(), value);
            }
        }
        List<Alternative.KeyClass> classes = classes(patterns, additional, keywords);
        Set<String> required = required(keywords);
        Alternative.Obj object = new Alternative.Obj(
                named,
                Set.of(),
                classes,
                keywords.count("minProperties").orElse(0),
                keywords.count("maxProperties").orElse(-1));
        return requiring(object, required);
    }

    /// The same with these keys.
    Alternative.Obj requiring(Alternative.Obj object, Set<String> required) {
        Map<String, Conjunction> all = new LinkedHashMap<>(object.named());
        for (String key : required) {
            all.putIfAbsent(key, object.value(key, Conjunction.of(document.nothing())));
        }
        return new Alternative.Obj(all, required, object.classes(), object.min(), object.max());
    }

    static Set<String> required(Keywords keywords) {
        Set<String> required = new LinkedHashSet<>();
        if (keywords.has("required")) {
            for (JsonNode name : keywords.array("required")) {
                if (!name.isTextual()) {
                    throw keywords.wrong("required", "an array of names");
                }
                required.add(name.textValue());
            }
        }
        return required;
    }

    private Conjunction sub(JsonNode json, Keywords keywords, String keyword, String name) {
        String step = name.replace("~", "~0").replace("/", "~1");
        return Conjunction.of(document.at(json, keywords.pathOf(keyword) + "/" + step));
    }

    /// Keys by the patterns that match them.
    private List<Alternative.KeyClass> classes(
            Map<String, Conjunction> patterns, Conjunction additional, Keywords keywords) {
        record Part(Optional<Dfa> names, Conjunction value, boolean matched) {}
        List<Part> parts = List.of(new Part(Optional.empty(), Conjunction.ANYTHING, false));
        for (Map.Entry<String, Conjunction> entry : patterns.entrySet()) {
            List<Part> split = new ArrayList<>();
            try {
                Dfa pattern = types.pattern(entry.getKey(), keywords, "patternProperties");
                for (Part part : parts) {
                    Dfa names = part.names.orElseGet(Dfa::all);
                    Dfa inside = names.and(pattern);
                    Dfa outside = names.minus(pattern);
                    if (!inside.isEmpty()) {
                        Optional<Dfa> both = outside.isEmpty() ? part.names : Optional.of(inside);
                        split.add(new Part(both, part.value.and(entry.getValue()), true));
                    }
                    if (!outside.isEmpty()) {
                        split.add(new Part(Optional.of(outside), part.value, part.matched));
                    }
                }
            } catch (GrammarException e) {
                throw e.at(keywords.path(), "patternProperties");
            }
            if (split.size() > MAX_CLASSES) {
                throw GrammarException.of(
                        keywords.path(), "patternProperties", "at most " + MAX_CLASSES + " kinds of keys", "more");
            }
            parts = split;
        }
        List<Alternative.KeyClass> classes = new ArrayList<>();
        for (Part part : parts) {
            Conjunction value = part.matched ? part.value : part.value.and(additional);
            if (!value.never()) {
                classes.add(new Alternative.KeyClass(part.names, value));
            }
        }
        return classes;
    }
}
