package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Calls drawn from the OpenAPI document: whatever it allows is answered or refused for what a schema cannot say, and
/// each answer is one that the document has.
@QuarkusTest
@TestProfile(FakeModel.Profile.class)
final class OpenApiCallsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final int CALLS = 250;
    /// What no schema says: how fields go together, what fits the model, which roles its template takes in a row.
    private static final List<String> BEYOND_SCHEMAS = List.of(
            "context_length_exceeded",
            "invalid_value",
            "missing_parameter",
            "model_not_found",
            "unknown_parameter",
            "unsupported_value");

    private final long seed = Long.getLong("test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    private JsonNode document() throws IOException {
        return MAPPER.readTree(
                given().queryParam("format", "JSON").get("/q/openapi").asByteArray());
    }

    @Test
    void callsThatTheDocumentAllowsAreAnsweredAsItSays() throws IOException {
        JsonNode document = document();
        SchemaCheck check = new SchemaCheck(document);
        int answered = 0;
        int calls = 0;
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            JsonNode post = path.getValue().get("post");
            for (int i = 0; post != null && i < CALLS; i++) {
                JsonNode schema = post.at("/requestBody/content/application~1json/schema");
                JsonNode body = draw(document, schema, 0);
                Response response = call(path.getKey(), body);
                requireDocumented(document, check, post, body, response);
                answered += response.statusCode() == 200 ? 1 : 0;
                calls++;
            }
        }
        assertThat(calls).isEqualTo(5 * CALLS);
        assertThat(answered)
                .as("answered of " + calls + ", -Dtest.seed=" + seed)
                .isGreaterThan(calls / 10);
    }

    private static Response call(String path, JsonNode body) {
        return given().contentType("application/json")
                .body(body.toString().getBytes(StandardCharsets.UTF_8))
                .post(path);
    }

    private void requireDocumented(
            JsonNode document, SchemaCheck check, JsonNode operation, JsonNode body, Response response)
            throws IOException {
        String about = "-Dtest.seed=" + seed + " " + body + " " + response.statusCode() + " " + response.asString();
        JsonNode documented = operation.get("responses").path(String.valueOf(response.statusCode()));
        assertThat(documented.isMissingNode()).as(about).isFalse();
        if (documented.has("$ref")) {
            documented = document.at(documented.get("$ref").textValue().substring(1));
        }
        String type = response.contentType().replaceFirst(";.*", "");
        assertThat(documented.at("/content/" + type.replace("/", "~1")).isMissingNode())
                .as(about)
                .isFalse();
        if (type.equals("application/json")) {
            String name = documented
                    .at("/content/application~1json/schema/$ref")
                    .textValue()
                    .replaceFirst(".*/", "");
            JsonNode answer = MAPPER.readTree(response.asByteArray());
            assertThat(check.faults(name, answer)).as(about).isEmpty();
            if (response.statusCode() != 200) {
                assertThat(response.statusCode()).as(about).isIn(400, 404);
                assertThat(BEYOND_SCHEMAS)
                        .as(about)
                        .contains(answer.at("/error/code").textValue());
            }
        }
    }

    private JsonNode draw(JsonNode document, JsonNode schema, int depth) {
        if (schema.has("$ref")) {
            return draw(document, document.at(schema.get("$ref").textValue().substring(1)), depth);
        }
        if (schema.has("example") && random.nextInt(3) > 0) {
            return schema.get("example");
        }
        if (schema.has("enum")) {
            return schema.get("enum").get(random.nextInt(schema.get("enum").size()));
        }
        if (schema.has("oneOf")) {
            return draw(
                    document,
                    schema.get("oneOf").get(random.nextInt(schema.get("oneOf").size())),
                    depth);
        }
        JsonNode types = schema.path("type");
        String type = types.isArray() ? types.get(random.nextInt(types.size())).textValue() : types.asText("null");
        return switch (type) {
            case "object" -> object(document, schema, depth);
            case "array" -> array(document, schema, depth);
            case "string" -> JSON.textNode(text(schema));
            case "integer" -> JSON.numberNode(integer(schema));
            case "number" -> JSON.numberNode(number(schema));
            case "boolean" -> JSON.booleanNode(random.nextBoolean());
            default -> JSON.nullNode();
        };
    }

    private ObjectNode object(JsonNode document, JsonNode schema, int depth) {
        ObjectNode object = JSON.objectNode();
        List<String> required = MAPPER.convertValue(
                schema.path("required"), MAPPER.getTypeFactory().constructCollectionType(List.class, String.class));
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            boolean must = required != null && required.contains(property.getKey());
            if (must || random.nextInt(8) == 0) {
                object.set(property.getKey(), draw(document, property.getValue(), depth + 1));
            }
        }
        return object;
    }

    private ArrayNode array(JsonNode document, JsonNode schema, int depth) {
        ArrayNode array = JSON.arrayNode();
        int least = schema.path("minItems").asInt(0);
        int most = Math.min(schema.path("maxItems").asInt(3), least + 2);
        int size = least + random.nextInt(most - least + 1);
        for (int i = 0; i < size && schema.has("items"); i++) {
            array.add(draw(document, schema.get("items"), depth + 1));
        }
        return array;
    }

    private String text(JsonNode schema) {
        StringBuilder text = new StringBuilder();
        int length = schema.path("minLength").asInt(0) + random.nextInt(5);
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(random.nextInt(4) == 0 ? 0x1F600 + random.nextInt(40) : 'a' + random.nextInt(26));
        }
        return text.toString();
    }

    private long integer(JsonNode schema) {
        long least = schema.path("minimum").asLong(-5);
        long most = schema.path("maximum").asLong(least + 20);
        return least + random.nextLong(most - least + 1);
    }

    private double number(JsonNode schema) {
        double least =
                schema.path("minimum").asDouble(schema.path("exclusiveMinimum").asDouble(-1) + 1e-6);
        double most = schema.path("maximum").asDouble(1);
        return least + random.nextDouble() * (most - least);
    }
}
