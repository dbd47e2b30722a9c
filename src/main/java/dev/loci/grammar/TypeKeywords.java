package dev.loci.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a schema says about values of each type by itself: the keywords that are no schemas, and
/// those for the items and properties of a value.
final class TypeKeywords {
    enum Type {
        NULL,
        BOOLEAN,
        INTEGER,
        NUMBER,
        STRING,
        ARRAY,
        OBJECT
    }

    private final SchemaDocument document;
    private final ObjectKeywords objects;
    private final Map<String, Dfa> patterns = new HashMap<>();

    TypeKeywords(SchemaDocument document) {
        this.document = document;
        this.objects = new ObjectKeywords(document, this);
    }

    ObjectKeywords objects() {
        return objects;
    }

    static Set<Type> types(Keywords keywords) {
        if (!keywords.has("type")) {
            return EnumSet.complementOf(EnumSet.of(Type.INTEGER));
        }
        JsonNode node = keywords.get("type");
        Set<Type> types = EnumSet.noneOf(Type.class);
        for (JsonNode name : node.isArray() ? node : List.of(node)) {
            types.add(type(keywords, name));
        }
        if (types.contains(Type.NUMBER)) {
            types.remove(Type.INTEGER);
        }
        return types;
    }

    private static Type type(Keywords keywords, JsonNode name) {
        return switch (name.asText()) {
            case "null" -> Type.NULL;
            case "boolean" -> Type.BOOLEAN;
            case "integer" -> Type.INTEGER;
            case "number" -> Type.NUMBER;
            case "string" -> Type.STRING;
            case "array" -> Type.ARRAY;
            case "object" -> Type.OBJECT;
            default -> throw keywords.wrong("type", "a name of a type, or an array of them");
        };
    }

    /// Values of one type, as far as it has no schemas that hold for the value itself.
    static List<Alternative> any(Set<Type> types) {
        List<Alternative> all = new ArrayList<>();
        for (Type type : types) {
            switch (type) {
                case NULL -> all.add(new Alternative.Literal(Alternative.Name.NULL));
                case BOOLEAN -> {
                    all.add(new Alternative.Literal(Alternative.Name.TRUE));
                    all.add(new Alternative.Literal(Alternative.Name.FALSE));
                }
                case INTEGER -> all.add(new Alternative.Num(true, Optional.empty()));
                case NUMBER -> all.add(new Alternative.Num(false, Optional.empty()));
                case STRING -> all.add(Alternative.Str.ANY);
                case ARRAY -> all.add(Alternative.Arr.ANY);
                case OBJECT -> all.add(Alternative.Obj.ANY);
            }
        }
        return all;
    }

    List<Alternative> of(Keywords keywords) {
        List<Alternative> all = new ArrayList<>();
        for (Alternative each : any(types(keywords))) {
            Alternative held = switch (each) {
                case Alternative.Literal literal -> literal;
                case Alternative.Num num -> number(num, keywords);
                case Alternative.Str _ -> string(keywords);
                case Alternative.Arr _ -> array(keywords);
                case Alternative.Obj _ -> objects.of(keywords);
            };
            all.add(held);
        }
        return all;
    }

    private static Alternative number(Alternative.Num any, Keywords keywords) {
        Alternative.Num num = any;
        for (Numbers.Relation relation : Numbers.Relation.values()) {
            Optional<BigDecimal> bound = bound(keywords, relation);
            if (bound.isPresent()) {
                num = num.and(bounded(keywords, relation, bound.get()));
            }
        }
        Optional<BigDecimal> divisor = keywords.number("multipleOf");
        return divisor.isPresent() ? num.and(multiples(keywords, divisor.get())) : num;
    }

    static Alternative.Num bounded(Keywords keywords, Numbers.Relation relation, BigDecimal bound) {
        try {
            return Alternative.Num.of(Numbers.bounded(relation, bound));
        } catch (GrammarException e) {
            boolean below = relation == Numbers.Relation.AT_LEAST || relation == Numbers.Relation.ABOVE;
            throw e.at(keywords.path(), below ? "minimum" : "maximum");
        }
    }

    static Alternative.Num multiples(Keywords keywords, BigDecimal divisor) {
        if (divisor.signum() <= 0) {
            throw keywords.wrong("multipleOf", "a number above 0");
        }
        try {
            return Alternative.Num.of(Numbers.multiples(divisor));
        } catch (GrammarException e) {
            throw e.at(keywords.path(), "multipleOf");
        }
    }

    /// A bound that stands so; in draft 4 `exclusiveMinimum` is a flag beside `minimum`.
    static Optional<BigDecimal> bound(Keywords keywords, Numbers.Relation relation) {
        boolean low = relation == Numbers.Relation.AT_LEAST || relation == Numbers.Relation.ABOVE;
        String plain = low ? "minimum" : "maximum";
        String exclusive = low ? "exclusiveMinimum" : "exclusiveMaximum";
        boolean excludes = relation == Numbers.Relation.ABOVE || relation == Numbers.Relation.BELOW;
        boolean flagged = keywords.has(exclusive) && keywords.get(exclusive).isBoolean();
        if (flagged) {
            return keywords.flag(exclusive) == excludes ? keywords.number(plain) : Optional.empty();
        }
        return keywords.number(excludes ? exclusive : plain);
    }

    private Alternative string(Keywords keywords) {
        long min = keywords.count("minLength").orElse(0);
        long max = keywords.count("maxLength").orElse(-1);
        Alternative.Str str = new Alternative.Str(min, max, Optional.empty());
        Optional<String> pattern = keywords.text("pattern");
        Optional<String> format = keywords.text("format");
        try {
            if (pattern.isPresent()) {
                str = str.and(Alternative.Str.of(pattern(pattern.get(), keywords, "pattern")));
            }
            Optional<Dfa> texts = format.flatMap(name -> Formats.texts(name, keywords.path()));
            return texts.isPresent() ? str.and(Alternative.Str.of(texts.get())) : str;
        } catch (GrammarException e) {
            throw e.at(keywords.path(), pattern.isPresent() ? "pattern" : "format");
        }
    }

    /// Texts of which an expression matches some part.
    Dfa pattern(String pattern, Keywords keywords, String keyword) {
        Dfa known = patterns.get(pattern);
        if (known == null) {
            try {
                known = Dfa.search(RegexParser.parse(pattern));
            } catch (GrammarException e) {
                throw e.at(keywords.path(), keyword);
            }
            patterns.put(pattern, known);
        }
        return known;
    }

    private Alternative array(Keywords keywords) {
        long min = keywords.count("minItems").orElse(0);
        long max = keywords.count("maxItems").orElse(-1);
        List<Conjunction> prefix = new ArrayList<>();
        Conjunction rest = Conjunction.ANYTHING;
        String list = keywords.has("prefixItems") ? "prefixItems" : "items";
        if (keywords.has(list)
                && (list.equals("prefixItems") || keywords.get(list).isArray())) {
            int index = 0;
            for (JsonNode item : keywords.array(list)) {
                prefix.add(Conjunction.of(document.at(item, keywords.pathOf(list) + "/" + index++)));
            }
            String after = list.equals("prefixItems") ? "items" : "additionalItems";
            if (keywords.has(after)) {
                rest = Conjunction.of(document.at(keywords.get(after), keywords.pathOf(after)));
            }
        } else if (keywords.has("items")) {
            rest = Conjunction.of(document.at(keywords.get("items"), keywords.pathOf("items")));
        }
        return new Alternative.Arr(prefix, rest, min, max);
    }
}
