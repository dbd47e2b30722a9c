package dev.loci.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Schemas of the keywords that are supported, at random.
public final class RandomSchemas {
    private static final List<String> PATTERNS =
            List.of("^[a-z]{2,5}$", "^(ab|cd)*$", "x", "^\\\\d{3}-\\\\d{2}$", "[A-Z]", "^.{0,4}$", "^é?[^a]$");
    // the other validator knows a list of top-level domains, so no email
    private static final List<String> FORMATS = List.of("date", "time", "date-time", "uuid", "ipv4", "ipv6");

    private final Random random;

    public RandomSchemas(Random random) {
        this.random = random;
    }

    public String schema(int depth) {
        return switch (random.nextInt(depth > 0 ? 12 : 7)) {
            case 0 -> "{\"type\":\"null\"}";
            case 1 -> "{\"type\":\"boolean\"}";
            case 2 -> number();
            case 3, 4 -> string();
            case 5 -> "{\"enum\":[\"a\",\"b\\\"c\",1,2.5,null,true,[1,\"x\"],{\"k\":[]}]}";
            case 6 -> "{\"const\":" + (random.nextBoolean() ? "\"fixed\"" : "-17") + "}";
            case 7, 8, 9 -> object(depth - 1);
            case 10 -> array(depth - 1);
            default -> combined(depth - 1);
        };
    }

    private String number() {
        int low = random.nextInt(200) - 100;
        List<String> keywords =
                new ArrayList<>(List.of("\"type\":\"" + (random.nextBoolean() ? "integer" : "number") + "\""));
        if (random.nextBoolean()) {
            keywords.add("\"minimum\":" + low + (random.nextBoolean() ? ".5" : ""));
        }
        if (random.nextBoolean()) {
            keywords.add("\"exclusiveMaximum\":" + (low + 3 + random.nextInt(500)));
        }
        if (random.nextInt(4) == 0) {
            keywords.add("\"multipleOf\":" + (1 + random.nextInt(3)));
        }
        return "{" + String.join(",", keywords) + "}";
    }

    private String string() {
        return switch (random.nextInt(4)) {
            case 0 ->
                "{\"type\":\"string\",\"minLength\":" + random.nextInt(4) + ",\"maxLength\":" + (4 + random.nextInt(60))
                        + "}";
            case 1 -> "{\"type\":\"string\",\"pattern\":\"" + PATTERNS.get(random.nextInt(PATTERNS.size())) + "\"}";
            case 2 -> "{\"type\":\"string\",\"format\":\"" + FORMATS.get(random.nextInt(FORMATS.size())) + "\"}";
            default -> "{\"type\":\"string\"}";
        };
    }

    private String object(int depth) {
        int count = random.nextInt(5);
        List<String> names = IntStream.range(0, count)
                .mapToObj(i -> "p" + i + (i == 2 ? "é" : ""))
                .toList();
        List<String> properties =
                names.stream().map(name -> "\"" + name + "\":" + schema(depth)).toList();
        List<String> required = names.stream()
                .filter(_ -> random.nextBoolean())
                .map(name -> "\"" + name + "\"")
                .toList();
        String rest = switch (random.nextInt(4)) {
            case 0 -> "";
            case 1 -> ",\"additionalProperties\":" + schema(depth);
            case 2 -> ",\"patternProperties\":{\"^p\":" + schema(0) + ",\"x\":{}}";
            default -> ",\"additionalProperties\":false";
        };
        return "{\"type\":\"object\",\"properties\":{" + String.join(",", properties) + "},\"required\":["
                + String.join(",", required) + "]" + rest + "}";
    }

    private String array(int depth) {
        String prefix = random.nextBoolean() ? "" : ",\"prefixItems\":[" + schema(depth) + "," + schema(depth) + "]";
        int min = random.nextInt(3);
        return "{\"type\":\"array\",\"items\":" + schema(depth) + prefix + ",\"minItems\":" + min + ",\"maxItems\":"
                + (min + random.nextInt(4)) + "}";
    }

    private String combined(int depth) {
        String both = schema(depth) + "," + schema(depth);
        return switch (random.nextInt(5)) {
            case 0 -> "{\"anyOf\":[" + both + "]}";
            case 1 -> "{\"oneOf\":[" + both + "]}";
            case 2 -> "{\"allOf\":[" + object(depth) + "," + object(depth) + "]}";
            case 3 -> "{\"type\":[\"string\",\"integer\"],\"not\":{\"enum\":[\"a\",1,\"\"]}}";
            default -> "{\"if\":{\"type\":\"string\"},\"then\":" + string() + ",\"else\":" + number() + "}";
        };
    }
}
