package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The document says what is served, no less and no more.
@QuarkusTest
@TestProfile(FakeModel.Profile.class)
final class OpenApiTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private static final Map<String, BiFunction<RequestFields, ServedModel, ?>> PARSERS = Map.of(
            "CompletionRequest", CompletionParser::parse,
            "ChatRequest", ChatParser::parse,
            "ResponsesRequest", ResponsesParser::parse,
            "TokenizeRequest", Tokenization::tokenize,
            "DetokenizeRequest", Tokenization::detokenize);

    @Inject
    FakeModel model;

    private JsonNode document;

    @BeforeEach
    void read() throws IOException {
        Response response = given().queryParam("format", "JSON").get("/q/openapi");
        assertThat(response.statusCode()).isEqualTo(200);
        document = MAPPER.readTree(response.asByteArray());
    }

    private static JsonNode tree(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    private static Set<String> names(JsonNode object) {
        Set<String> names = new TreeSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /// `POST /v1/completions` and the like, of every class that has paths.
    private static Set<String> served() {
        Set<String> served = new TreeSet<>();
        for (JavaClass each : new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.loci")) {
            if (each.isAnnotatedWith(Path.class)) {
                String root = each.getAnnotationOfType(Path.class).value();
                for (Method method : each.reflect().getDeclaredMethods()) {
                    String verb = method.isAnnotationPresent(GET.class)
                            ? "GET"
                            : method.isAnnotationPresent(POST.class) ? "POST" : "";
                    if (!verb.isEmpty()) {
                        Path own = method.getAnnotation(Path.class);
                        served.add(verb + " " + path(root, own == null ? "" : own.value()));
                    }
                }
            }
        }
        return served;
    }

    private static String path(String root, String own) {
        return ("/" + root + "/" + own)
                .replaceAll("\\{(\\w+):[^}]*}", "{$1}")
                .replaceAll("/+", "/")
                .replaceAll("(.)/$", "$1");
    }

    @Test
    void hasEveryPathThatIsServedAndNoOther() {
        Set<String> documented = new TreeSet<>();
        document.get("paths")
                .properties()
                .forEach(path -> names(path.getValue())
                        .forEach(verb -> documented.add(verb.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        assertThat(documented).isEqualTo(served());
    }

    @Test
    void isYamlOrJsonAsTheClientAsks() throws IOException {
        Response yaml = given().get("/q/openapi");
        assertThat(yaml.contentType()).isEqualTo("application/yaml;charset=UTF-8");
        assertThat(yaml.asString()).startsWith("# ").contains("\nopenapi: 3.1.0\n");
        Response json = given().accept("text/html, application/json").get("/q/openapi");
        assertThat(json.contentType()).startsWith("application/json");
        assertThat(MAPPER.readTree(json.asByteArray())).isEqualTo(document);
        assertThat(given().accept("application/json")
                        .queryParam("format", "yaml")
                        .get("/q/openapi")
                        .asByteArray())
                .isEqualTo(yaml.asByteArray());
        assertThat(given().accept("text/plain").get("/q/openapi").asByteArray()).isEqualTo(yaml.asByteArray());
        Response neither = given().queryParam("format", "xml").get("/q/openapi");
        assertThat(neither.statusCode()).isEqualTo(400);
        assertThat(neither.jsonPath().getString("error.message")).isEqualTo("format: expected json or yaml, found xml");
    }

    private static ObjectNode smallest(String request) {
        return (ObjectNode) tree(
                switch (request) {
                    case "CompletionRequest", "TokenizeRequest" -> "{\"prompt\":\"Hi\"}";
                    case "ChatRequest" -> "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
                    case "ResponsesRequest" -> "{\"input\":\"Hi\"}";
                    default -> "{\"tokens\":[1]}";
                });
    }

    @ParameterizedTest
    @CsvSource({"CompletionRequest", "ChatRequest", "ResponsesRequest", "TokenizeRequest", "DetokenizeRequest"})
    void hasEveryFieldThatIsReadAndNoOther(String request) {
        Set<String> read = new TreeSet<>(known(request, smallest(request)));
        if (request.equals("TokenizeRequest")) {
            read.addAll(known(request, (ObjectNode) tree("{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}")));
        }
        assertThat(names(document.at("/components/schemas/" + request + "/properties")))
                .isEqualTo(read);
    }

    private Set<String> known(String request, ObjectNode body) {
        RequestFields fields = new RequestFields(body, "");
        Object _ = PARSERS.get(request).apply(fields, model.served());
        return fields.known();
    }

    private static final Map<String, String> PATHS = Map.of(
            "CompletionRequest", "/v1/completions",
            "ChatRequest", "/v1/chat/completions",
            "ResponsesRequest", "/v1/responses",
            "TokenizeRequest", "/tokenize",
            "DetokenizeRequest", "/detokenize");

    private static Response post(String path, JsonNode body) {
        return given().contentType("application/json")
                .body(body.toString().getBytes(StandardCharsets.UTF_8))
                .post(path);
    }

    /// What a field needs beside it.
    private static String beside(String request, String name) {
        return switch (name) {
            case "messages" -> request.equals("TokenizeRequest") ? "{\"prompt\":null}" : "{}";
            case "add_generation_prompt", "continue_final_message", "tools" ->
                request.equals("TokenizeRequest")
                        ? "{\"prompt\":null,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"
                        : "{}";
            case "stream_options" -> "{\"stream\":true}";
            default -> "{}";
        };
    }

    @ParameterizedTest
    @CsvSource({"CompletionRequest", "ChatRequest", "ResponsesRequest", "TokenizeRequest", "DetokenizeRequest"})
    void everyFieldsExampleIsTakenAndFitsItsSchema(String request) {
        SchemaCheck check = new SchemaCheck(document);
        JsonNode properties = check.schema(request).get("properties");
        for (Map.Entry<String, JsonNode> property : properties.properties()) {
            JsonNode example = property.getValue().path("example");
            ObjectNode body = smallest(request);
            body.setAll((ObjectNode) tree(beside(request, property.getKey())));
            body.set(property.getKey(), example.isMissingNode() ? MAPPER.nullNode() : example);
            Response response = post(PATHS.get(request), body);
            assertThat(response.statusCode())
                    .as(body + " " + response.asString())
                    .isEqualTo(200);
            assertThat(check.faults(request, body)).as(body.toString()).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"CompletionRequest", "ChatRequest", "ResponsesRequest", "TokenizeRequest", "DetokenizeRequest"})
    void aFieldThatIsNotInTheDocumentIsRefused(String request) {
        assertThat(document.at("/components/schemas/" + request + "/additionalProperties")
                        .booleanValue())
                .isFalse();
        Response response = post(PATHS.get(request), smallest(request).put("nobody_knows", 1));
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(new SchemaCheck(document).faults("Error", tree(response.asString())))
                .isEmpty();
    }

    private static List<JsonNode> chunks(Response response) {
        return Stream.of(new String(response.asByteArray(), StandardCharsets.UTF_8).split("\n", -1))
                .filter(line -> line.startsWith("data: ") && !line.equals("data: [DONE]"))
                .map(line -> tree(line.substring("data: ".length())))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    @Test
    void answersFitTheirSchemasAndNoPropertyIsNeverServed() {
        SchemaCheck check = new SchemaCheck(document);
        Map<String, String> answers = Map.of(
                "CompletionRequest",
                "Completion",
                "ChatRequest",
                "ChatCompletion",
                "ResponsesRequest",
                "Response",
                "TokenizeRequest",
                "Tokens",
                "DetokenizeRequest",
                "Text");
        answers.forEach((request, answer) -> requireFit(
                check, answer, tree(post(PATHS.get(request), smallest(request)).asString())));
        ObjectNode scored = smallest("CompletionRequest")
                .put("logprobs", 1)
                .put("echo", true)
                .put("memory_trace", true);
        requireFit(check, "Completion", tree(post("/v1/completions", scored).asString()));
        ObjectNode chat = smallest("ChatRequest")
                .put("logprobs", true)
                .put("top_logprobs", 1)
                .put("memory_trace", true);
        requireFit(
                check, "ChatCompletion", tree(post("/v1/chat/completions", chat).asString()));
        ObjectNode usage = MAPPER.createObjectNode().put("include_usage", true);
        chunks(post("/v1/completions", scored.put("stream", true).set("stream_options", usage)))
                .forEach(chunk -> requireFit(check, "Completion", chunk));
        chunks(post("/v1/chat/completions", chat.put("stream", true).set("stream_options", usage)))
                .forEach(chunk -> requireFit(check, "ChatChunk", chunk));
        ObjectNode response = smallest("ResponsesRequest").put("stream", true).put("max_output_tokens", 1);
        chunks(post("/v1/responses", response)).forEach(event -> requireFit(check, "ResponseEvent", event));
        requireFit(check, "ModelList", tree(given().get("/v1/models").asString()));
        requireFit(check, "Model", tree(given().get("/v1/models/loci-mini").asString()));
        requireFit(check, "Error", tree(given().get("/v1/models/x").asString()));

        Set<String> never = new TreeSet<>();
        document.at("/components/schemas").properties().forEach(schema -> {
            String name = schema.getKey();
            boolean request = name.endsWith("Request")
                    || Set.of("ChatMessage", "TextPart", "ResponseItem", "ResponsePart")
                            .contains(name);
            if (!request) {
                names(schema.getValue().get("properties")).forEach(property -> never.add(name + "." + property));
            }
        });
        never.removeAll(check.met());
        assertThat(never).isEmpty();
    }

    private static void requireFit(SchemaCheck check, String schema, JsonNode value) {
        assertThat(check.faults(schema, value)).as(value.toString()).isEmpty();
    }
}
