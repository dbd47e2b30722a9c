package dev.loci.grammar;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/// Compilers take a text or refuse it in one line, whatever it is.
final class GrammarFuzzTest {
    @FuzzTest(maxDuration = "10m")
    void schemasAreCompiledOrRefused(byte[] text) {
        schema(new String(text, StandardCharsets.UTF_8));
    }

    @FuzzTest(maxDuration = "10m")
    void mutatedSchemasAreCompiledOrRefused(byte[] choices) {
        Random random = new Random(java.util.Arrays.hashCode(choices));
        StringBuilder schema = new StringBuilder(new RandomSchemas(random).schema(3));
        String[] parts = {"\"$ref\":\"#\"", "{}", "true", "null", "-1", "1e999", "[]", "\"not\":{", "}", ",", "\"\""};
        for (byte choice : choices) {
            int at = random.nextInt(schema.length() + 1);
            if (choice < 0) {
                schema.insert(at, parts[(choice & 0x7F) % parts.length]);
            } else {
                schema.delete(at, Math.min(schema.length(), at + 1 + choice % 5));
            }
        }
        schema(schema.toString());
    }

    private static void schema(String text) {
        try {
            RandomTexts.of(Grammar.jsonSchema(text), new Random(1));
        } catch (GrammarException e) {
            oneLine(e);
        }
    }

    @FuzzTest(maxDuration = "10m")
    void expressionsAreCompiledOrRefused(byte[] text) {
        try {
            Grammar.regex(new String(text, StandardCharsets.UTF_8));
        } catch (GrammarException e) {
            oneLine(e);
        }
    }

    private static void oneLine(GrammarException e) {
        if (!e.getMessage().contains("expected")) {
            throw new AssertionError("no expectation", e);
        }
    }
}
