package dev.loci.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Schemas as lists of [Alternative]s: applies everything that holds for a value itself, and leaves
/// what holds for values inside it.
final class Alternatives {
    private static final int MAX = 2000;

    private final SchemaDocument document;
    private final TypeKeywords types;
    private final Conjunction nothing;
    private final Negation negation;
    private final Overlap overlap;
    private final Map<Schema, List<Alternative>> known = new HashMap<>();
    private final Map<Conjunction, List<Alternative>> conjunctions = new HashMap<>();
    private final Set<Schema> underWay = new HashSet<>();
    private boolean severalLists;

    Alternatives(SchemaDocument document) {
        this.document = document;
        this.types = new TypeKeywords(document);
        this.nothing = Conjunction.of(document.nothing());
        this.negation = new Negation(document, this, types);
        this.overlap = new Overlap(this);
    }

    Conjunction nothing() {
        return nothing;
    }

    static List<Alternative> everything() {
        return TypeKeywords.any(EnumSet.complementOf(EnumSet.of(TypeKeywords.Type.INTEGER)));
    }

    List<Alternative> of(Conjunction conjunction) {
        List<Alternative> found = conjunctions.get(conjunction);
        if (found == null) {
            found = everything();
            boolean first = true;
            for (Schema schema : conjunction.schemas()) {
                found = first ? of(schema) : both(found, of(schema), schema.path());
                first = false;
            }
            conjunctions.put(conjunction, found);
        }
        return found;
    }

    List<Alternative> of(Schema schema) {
        if (schema.never()) {
            return List.of();
        }
        if (schema.anything()) {
            return everything();
        }
        List<Alternative> found = known.get(schema);
        if (found == null) {
            if (!underWay.add(schema)) {
                throw GrammarException.unsupported(
                        schema.path(), "$ref", "a schema that comes back to itself without a value between");
            }
            found = made(new Keywords(schema));
            underWay.remove(schema);
            known.put(schema, found);
        }
        return found;
    }

    private List<Alternative> made(Keywords keywords) {
        if (keywords.has("$ref") && document.referencesStandAlone()) {
            return of(target(keywords));
        }
        keywords.refuseUnsupported();
        severalLists |= keywords.hasAny("oneOf", "not", "if");
        List<Alternative> all = types.of(keywords);
        String path = keywords.path();
        if (keywords.has("$ref")) {
            all = both(all, of(target(keywords)), path);
        }
        if (keywords.has("const")) {
            all = both(all, values(List.of(keywords.get("const")), keywords, "const"), path);
        }
        if (keywords.has("enum")) {
            List<JsonNode> values = new ArrayList<>();
            keywords.array("enum").forEach(values::add);
            all = both(all, values(values, keywords, "enum"), path);
        }
        for (Schema schema : schemas(keywords, "allOf")) {
            all = both(all, of(schema), path);
        }
        if (keywords.has("anyOf")) {
            all = both(all, anyOf(schemas(keywords, "anyOf")), path);
        }
        if (keywords.has("oneOf")) {
            all = oneOf(all, schemas(keywords, "oneOf"), path);
        }
        if (keywords.has("not")) {
            all = both(all, negation.of(document.at(keywords.get("not"), keywords.pathOf("not"))), path);
        }
        if (keywords.has("if") && keywords.hasAny("then", "else")) {
            all = both(all, conditional(keywords), path);
        }
        for (String keyword : List.of("dependencies", "dependentRequired", "dependentSchemas")) {
            if (keywords.has(keyword)) {
                all = dependencies(all, keywords, keyword);
            }
        }
        if (keywords.has("propertyNames")) {
            all = named(all, document.at(keywords.get("propertyNames"), keywords.pathOf("propertyNames")));
        }
        return all;
    }

    Schema target(Keywords keywords) {
        return document.resolve(keywords.text("$ref").orElseThrow(), keywords.path());
    }

    List<Schema> schemas(Keywords keywords, String keyword) {
        List<Schema> all = new ArrayList<>();
        if (keywords.has(keyword)) {
            for (JsonNode json : keywords.array(keyword)) {
                all.add(document.at(json, keywords.pathOf(keyword) + "/" + all.size()));
            }
        }
        return all;
    }

    private List<Alternative> anyOf(List<Schema> schemas) {
        List<Alternative> all = new ArrayList<>();
        for (Schema schema : schemas) {
            all.addAll(of(schema));
        }
        return distinct(all);
    }

    /// The values of exactly one: those of one that overlaps no other, and of one without all that
    /// overlap it.
    private List<Alternative> oneOf(List<Alternative> base, List<Schema> schemas, String path) {
        List<List<Alternative>> each = new ArrayList<>();
        for (Schema schema : schemas) {
            each.add(both(base, of(schema), path));
        }
        List<Alternative> all = new ArrayList<>();
        for (int i = 0; i < schemas.size(); i++) {
            List<Alternative> only = each.get(i);
            for (int j = 0; j < schemas.size() && !only.isEmpty(); j++) {
                if (j != i && !overlap.disjoint(only, each.get(j))) {
                    try {
                        only = both(only, negation.of(schemas.get(j)), path);
                    } catch (GrammarException e) {
                        CompileLimit.check(path);
                        throw GrammarException.unsupported(
                                path, "oneOf", "schemas " + i + " and " + j + ", which may both hold");
                    }
                }
            }
            all.addAll(only);
        }
        return distinct(all);
    }

    private List<Alternative> conditional(Keywords keywords) {
        Schema condition = document.at(keywords.get("if"), keywords.pathOf("if"));
        List<Alternative> all = new ArrayList<>();
        all.addAll(
                keywords.has("then")
                        ? both(
                                of(condition),
                                of(document.at(keywords.get("then"), keywords.pathOf("then"))),
                                keywords.path())
                        : of(condition));
        List<Alternative> otherwise = negation.of(condition);
        all.addAll(
                keywords.has("else")
                        ? both(
                                otherwise,
                                of(document.at(keywords.get("else"), keywords.pathOf("else"))),
                                keywords.path())
                        : otherwise);
        return distinct(all);
    }

    private List<Alternative> dependencies(List<Alternative> base, Keywords keywords, String keyword) {
        List<Alternative> all = base;
        for (Map.Entry<String, JsonNode> entry : keywords.object(keyword).properties()) {
            String key = entry.getKey();
            List<Alternative> next = new ArrayList<>();
            for (Alternative each : all) {
                if (each instanceof Alternative.Obj object) {
                    if (!object.required().contains(key)) {
                        next.add(object.without(key, nothing));
                    }
                    Alternative.Obj with = requiring(object, Set.of(key));
                    if (entry.getValue().isArray()) {
                        Set<String> names = new LinkedHashSet<>();
                        entry.getValue().forEach(name -> names.add(name.asText()));
                        next.add(requiring(with, names));
                    } else {
                        Schema schema = document.at(entry.getValue(), keywords.pathOf(keyword) + "/" + key);
                        next.addAll(both(List.of(with), of(schema), keywords.path()));
                    }
                } else {
                    next.add(each);
                }
            }
            all = bounded(next, keywords.path());
        }
        return all;
    }

    Alternative.Obj requiring(Alternative.Obj object, Set<String> keys) {
        Set<String> required = new LinkedHashSet<>(object.required());
        required.addAll(keys);
        return types.objects().requiring(object, required);
    }

    /// Objects all of whose keys a schema accepts.
    private List<Alternative> named(List<Alternative> base, Schema names) {
        List<Dfa> texts = new ArrayList<>();
        for (Alternative each : of(names)) {
            if (each instanceof Alternative.Str str) {
                if (str.texts().isEmpty() && str.min() == 0 && str.max() < 0) {
                    return base;
                }
                texts.add(str.dfa());
            }
        }
        Optional<Dfa> allowed = texts.stream().reduce(Dfa::or);
        List<Alternative> all = new ArrayList<>();
        for (Alternative each : base) {
            if (each instanceof Alternative.Obj object) {
                List<Alternative.KeyClass> classes = allowed.isEmpty()
                        ? List.of()
                        : List.of(new Alternative.KeyClass(allowed, Conjunction.ANYTHING));
                all.add(object.and(new Alternative.Obj(Map.of(), Set.of(), classes, 0, -1), nothing));
            } else {
                all.add(each);
            }
        }
        return all;
    }

    private List<Alternative> values(List<JsonNode> values, Keywords keywords, String keyword) {
        Set<String> texts = new LinkedHashSet<>();
        Optional<Dfa> numbers = Optional.empty();
        List<Alternative> all = new ArrayList<>();
        for (JsonNode value : values) {
            switch (value.getNodeType()) {
                case STRING -> texts.add(value.textValue());
                case NUMBER -> {
                    BigDecimal number = value.decimalValue();
                    Dfa dfa = Numbers.value(number, value.asText());
                    numbers = Optional.of(numbers.map(before -> before.or(dfa)).orElse(dfa));
                }
                case BOOLEAN ->
                    all.add(new Alternative.Literal(
                            value.booleanValue() ? Alternative.Name.TRUE : Alternative.Name.FALSE));
                case NULL -> all.add(new Alternative.Literal(Alternative.Name.NULL));
                case ARRAY -> {
                    List<Conjunction> items = new ArrayList<>();
                    value.forEach(item -> items.add(Conjunction.of(document.constant(item, keywords.path()))));
                    all.add(new Alternative.Arr(items, nothing, items.size(), items.size()));
                }
                case OBJECT -> {
                    Map<String, Conjunction> named = new LinkedHashMap<>();
                    for (Map.Entry<String, JsonNode> entry : value.properties()) {
                        named.put(entry.getKey(), Conjunction.of(document.constant(entry.getValue(), keywords.path())));
                    }
                    all.add(new Alternative.Obj(named, named.keySet(), List.of(), 0, -1));
                }
                default -> throw keywords.wrong(keyword, "JSON values");
            }
        }
        if (!texts.isEmpty()) {
            try {
                all.add(Alternative.Str.of(Dfa.texts(texts)));
            } catch (GrammarException e) {
                throw e.at(keywords.path(), keyword);
            }
        }
        numbers.ifPresent(dfa -> all.add(Alternative.Num.of(dfa)));
        return distinct(all);
    }

    /// Values that are in both lists.
    List<Alternative> both(List<Alternative> a, List<Alternative> b, String path) {
        List<Alternative> all = new ArrayList<>();
        try {
            for (Alternative mine : a) {
                CompileLimit.check(path);
                for (Alternative its : b) {
                    common(mine, its).ifPresent(all::add);
                }
                bounded(all, path);
            }
        } catch (GrammarException e) {
            throw e.at(path, "allOf");
        }
        return distinct(all);
    }

    Optional<Alternative> common(Alternative a, Alternative b) {
        return switch (a) {
            case Alternative.Literal mine -> mine.equals(b) ? Optional.of(mine) : Optional.empty();
            case Alternative.Num mine ->
                b instanceof Alternative.Num its
                        ? Optional.<Alternative>of(mine.and(its)).filter(both -> !((Alternative.Num) both).isEmpty())
                        : Optional.empty();
            case Alternative.Str mine ->
                b instanceof Alternative.Str its
                        ? Optional.<Alternative>of(mine.and(its)).filter(both -> !((Alternative.Str) both).isEmpty())
                        : Optional.empty();
            case Alternative.Arr mine ->
                b instanceof Alternative.Arr its ? Optional.of(mine.and(its)) : Optional.empty();
            case Alternative.Obj mine ->
                b instanceof Alternative.Obj its ? Optional.of(combined(mine, its)) : Optional.empty();
        };
    }

    private Alternative combined(Alternative.Obj mine, Alternative.Obj its) {
        severalLists |= !mine.named().isEmpty() && !its.named().isEmpty();
        return mine.and(its, nothing);
    }

    /// Whether an object got properties from more than one list, or schemas exclude each other.
    boolean severalLists() {
        return severalLists;
    }

    private static List<Alternative> bounded(List<Alternative> all, String path) {
        if (all.size() > MAX) {
            throw GrammarException.of(path, "", "at most " + MAX + " alternatives once its parts are combined", "more");
        }
        return all;
    }

    /// Without those that stand there twice.
    static List<Alternative> distinct(List<Alternative> all) {
        return all.size() < 2 ? all : Arrays.asList(new LinkedHashSet<>(all).toArray(Alternative[]::new));
    }
}
