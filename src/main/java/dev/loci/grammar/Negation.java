package dev.loci.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The values that a schema does not accept: those that break one of its keywords. Refuses keywords
/// for which that is no list of alternatives.
final class Negation {
    private static final Set<String> WITHOUT = Set.of(
            "oneOf",
            "if",
            "dependencies",
            "dependentRequired",
            "dependentSchemas",
            "propertyNames",
            "patternProperties");

    private final SchemaDocument document;
    private final Alternatives alternatives;
    private final TypeKeywords types;

    Negation(SchemaDocument document, Alternatives alternatives, TypeKeywords types) {
        this.document = document;
        this.alternatives = alternatives;
        this.types = types;
    }

    List<Alternative> of(Schema schema) {
        if (schema.never()) {
            return Alternatives.everything();
        }
        if (schema.anything()) {
            return List.of();
        }
        Keywords keywords = new Keywords(schema);
        if (keywords.has("$ref") && document.referencesStandAlone()) {
            return of(alternatives.target(keywords));
        }
        refuse(keywords);
        List<Alternative> all = new ArrayList<>();
        if (keywords.has("$ref")) {
            all.addAll(of(alternatives.target(keywords)));
        }
        if (keywords.has("type")) {
            all.addAll(otherTypes(TypeKeywords.types(keywords)));
        }
        if (keywords.has("const")) {
            all.addAll(otherValues(List.of(keywords.get("const")), keywords, "const"));
        }
        if (keywords.has("enum")) {
            List<JsonNode> values = new ArrayList<>();
            keywords.array("enum").forEach(values::add);
            all.addAll(otherValues(values, keywords, "enum"));
        }
        strings(keywords, all);
        numbers(keywords, all);
        containers(keywords, all);
        combined(keywords, all);
        return Alternatives.distinct(all);
    }

    private void refuse(Keywords keywords) {
        keywords.refuseUnsupported();
        for (String keyword : WITHOUT) {
            if (keywords.has(keyword)) {
                throw refusal(keywords, keyword);
            }
        }
        for (String keyword : List.of("additionalProperties", "items", "prefixItems", "additionalItems")) {
            if (keywords.has(keyword)
                    && !document.at(keywords.get(keyword), keywords.pathOf(keyword))
                            .anything()) {
                throw refusal(keywords, keyword);
            }
        }
        if (keywords.text("format")
                .flatMap(format -> Formats.texts(format, keywords.path()))
                .isPresent()) {
            throw refusal(keywords, "format");
        }
    }

    private static GrammarException refusal(Keywords keywords, String keyword) {
        return GrammarException.unsupported(
                keywords.path(), "not", keyword + " " + SchemaReader.quote(keywords.get(keyword)));
    }

    private static List<Alternative> otherTypes(Set<TypeKeywords.Type> types) {
        EnumSet<TypeKeywords.Type> others = EnumSet.complementOf(EnumSet.copyOf(types));
        boolean integers = others.remove(TypeKeywords.Type.INTEGER);
        boolean numbers = others.remove(TypeKeywords.Type.NUMBER);
        List<Alternative> all = TypeKeywords.any(others);
        if (integers && numbers) {
            all.add(new Alternative.Num(false, Optional.empty()));
        } else if (numbers) {
            all.add(Alternative.Num.of(Alternative.Num.PLAIN.minus(Dfa.whole(Numbers.INTEGER + "(\\.0+)?"))));
        }
        return all;
    }

    private List<Alternative> otherValues(List<JsonNode> values, Keywords keywords, String keyword) {
        List<Alternative> all = new ArrayList<>(Alternatives.everything());
        Dfa strings = Dfa.all();
        Optional<Dfa> numbers = Optional.empty();
        List<String> texts = new ArrayList<>();
        for (JsonNode value : values) {
            if (value.isContainerNode()) {
                throw refusal(keywords, keyword);
            } else if (value.isTextual()) {
                texts.add(value.textValue());
            } else if (value.isNumber()) {
                numbers = Optional.of(
                        numbers.orElse(Alternative.Num.PLAIN).minus(Numbers.everyText(value.decimalValue())));
            } else {
                all.remove(new Alternative.Literal(
                        value.isNull()
                                ? Alternative.Name.NULL
                                : value.booleanValue() ? Alternative.Name.TRUE : Alternative.Name.FALSE));
            }
        }
        if (!texts.isEmpty()) {
            all.remove(Alternative.Str.ANY);
            all.add(Alternative.Str.of(strings.minus(Dfa.texts(texts))));
        }
        if (numbers.isPresent()) {
            all.removeIf(each -> each instanceof Alternative.Num);
            all.add(Alternative.Num.of(numbers.get()));
        }
        return all;
    }

    private void strings(Keywords keywords, List<Alternative> all) {
        keywords.text("pattern")
                .ifPresent(pattern ->
                        all.add(Alternative.Str.of(Dfa.all().minus(types.pattern(pattern, keywords, "pattern")))));
        long min = keywords.count("minLength").orElse(0);
        if (min > 0) {
            all.add(new Alternative.Str(0, min - 1, Optional.empty()));
        }
        keywords.count("maxLength").ifPresent(max -> all.add(new Alternative.Str(max + 1, -1, Optional.empty())));
    }

    private static void numbers(Keywords keywords, List<Alternative> all) {
        for (Numbers.Relation relation : Numbers.Relation.values()) {
            TypeKeywords.bound(keywords, relation)
                    .ifPresent(bound -> all.add(TypeKeywords.bounded(keywords, relation.negated(), bound)));
        }
        Optional<BigDecimal> divisor = keywords.number("multipleOf");
        divisor.ifPresent(by -> all.add(Alternative.Num.of(
                Alternative.Num.PLAIN.minus(TypeKeywords.multiples(keywords, by).dfa()))));
    }

    private void containers(Keywords keywords, List<Alternative> all) {
        Conjunction nothing = alternatives.nothing();
        for (String key : ObjectKeywords.required(keywords)) {
            all.add(Alternative.Obj.ANY.without(key, nothing));
        }
        if (keywords.has("properties")) {
            for (Map.Entry<String, JsonNode> entry :
                    keywords.object("properties").properties()) {
                Schema schema = document.at(entry.getValue(), keywords.pathOf("properties") + "/" + entry.getKey());
                if (!schema.anything()) {
                    Map<String, Conjunction> named = new LinkedHashMap<>();
                    named.put(
                            entry.getKey(),
                            schema.never() ? Conjunction.ANYTHING : Conjunction.of(document.not(schema)));
                    all.add(new Alternative.Obj(named, Set.of(entry.getKey()), Alternative.Obj.ANY.classes(), 0, -1));
                }
            }
        }
        long minItems = keywords.count("minItems").orElse(0);
        if (minItems > 0) {
            all.add(new Alternative.Arr(List.of(), Conjunction.ANYTHING, 0, minItems - 1));
        }
        keywords.count("maxItems")
                .ifPresent(max -> all.add(new Alternative.Arr(List.of(), Conjunction.ANYTHING, max + 1, -1)));
        long minKeys = keywords.count("minProperties").orElse(0);
        if (minKeys > 0) {
            all.add(new Alternative.Obj(Map.of(), Set.of(), Alternative.Obj.ANY.classes(), 0, minKeys - 1));
        }
        keywords.count("maxProperties")
                .ifPresent(max ->
                        all.add(new Alternative.Obj(Map.of(), Set.of(), Alternative.Obj.ANY.classes(), max + 1, -1)));
    }

    private void combined(Keywords keywords, List<Alternative> all) {
        for (Schema schema : alternatives.schemas(keywords, "allOf")) {
            all.addAll(of(schema));
        }
        if (keywords.has("anyOf")) {
            List<Alternative> none = Alternatives.everything();
            for (Schema schema : alternatives.schemas(keywords, "anyOf")) {
                none = alternatives.both(none, of(schema), keywords.path());
            }
            all.addAll(none);
        }
        if (keywords.has("not")) {
            all.addAll(alternatives.of(document.at(keywords.get("not"), keywords.pathOf("not"))));
        }
    }
}
