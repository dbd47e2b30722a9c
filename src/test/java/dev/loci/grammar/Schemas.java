package dev.loci.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import java.util.regex.Pattern;

/// Another's judgement of instances.
final class Schemas {
    private static final JsonMapper MAPPER = new JsonMapper();

    /// More digits than a double holds: the validator rounds before it divides.
    private static final Pattern ROUNDED = Pattern.compile("[0-9.]{15,}");

    private static final JsonSchemaFactory FACTORY = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

    private Schemas() {}

    static JsonNode json(String text) {
        try {
            return MAPPER.readTree(text);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }

    /// Whether the validator computes exactly with the numbers in an instance.
    static boolean exact(String schema, String instance) {
        return !schema.contains("\"multipleOf\"") || !ROUNDED.matcher(instance).find();
    }

    /// What is wrong with an instance; empty where nothing is.
    static String problems(String schema, String instance) {
        SchemaValidatorsConfig config =
                SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
        JsonSchema validator = FACTORY.getSchema(json(schema), config);
        return String.join(
                "; ",
                validator.validate(json(instance)).stream()
                        .map(Object::toString)
                        .toList());
    }
}
