package dev.loci.app;

import static dev.loci.app.Posts.post;
import static dev.loci.app.Posts.tree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import io.restassured.response.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Answers of the default model at temperature 1, held to forms: another validator judges them.
abstract class StructuredOutput {
    private static final List<String> SCHEMAS = List.of(
            "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"maxLength\":20},\"age\":{\"type\":\"integer\","
                    + "\"minimum\":0,\"maximum\":150}},\"required\":[\"name\",\"age\"],\"additionalProperties\":false}",
            "{\"type\":\"array\",\"items\":{\"enum\":[\"red\",\"green\",\"blue\"]},\"minItems\":1,\"maxItems\":4}",
            "{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"string\",\"pattern\":\"^[a-z]{3,8}$\"}]}",
            "{\"type\":\"object\",\"properties\":{\"when\":{\"type\":\"string\",\"format\":\"date-time\"},\"id\":{\"type\":"
                    + "\"string\",\"format\":\"uuid\"}},\"required\":[\"when\",\"id\"],\"additionalProperties\":false}",
            "{\"$defs\":{\"node\":{\"type\":\"object\",\"properties\":{\"value\":{\"type\":\"boolean\"},\"next\":{\"anyOf\":"
                    + "[{\"type\":\"null\"},{\"$ref\":\"#/$defs/node\"}]}},\"required\":[\"value\",\"next\"],"
                    + "\"additionalProperties\":false}},\"$ref\":\"#/$defs/node\"}",
            "{\"oneOf\":[{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"circle\"},\"r\":{\"type\":\"number\","
                    + "\"exclusiveMinimum\":0,\"maximum\":9.5}},\"required\":[\"kind\",\"r\"],\"additionalProperties\":false},"
                    + "{\"type\":\"object\",\"properties\":{\"kind\":{\"const\":\"square\"},\"side\":{\"type\":\"integer\","
                    + "\"multipleOf\":5,\"minimum\":5,\"maximum\":500}},\"required\":[\"kind\",\"side\"],"
                    + "\"additionalProperties\":false}]}",
            "{\"type\":\"object\",\"patternProperties\":{\"^x_\":{\"type\":\"integer\",\"maximum\":99,\"minimum\":0}},"
                    + "\"additionalProperties\":false,\"maxProperties\":2}",
            "{\"type\":\"string\",\"format\":\"ipv4\"}");

    private static String chat(String form, int seed, boolean stream) {
        return "{\"messages\":[{\"role\":\"user\",\"content\":\"Tell me something.\"}],\"temperature\":1,\"max_tokens\":300,"
                + "\"seed\":" + seed + ",\"stream\":" + stream + "," + form + "}";
    }

    private static String format(String schema) {
        return "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"answer\",\"strict\":true,\"schema\":"
                + schema + "}}";
    }

    private static JsonNode choice(String path, String body) {
        Response response = post(path, body);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        return tree(response).at("/choices/0");
    }

    private static String problems(String schema, String instance) {
        SchemaValidatorsConfig config =
                SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(schema, config)
                .validate(instance, com.networknt.schema.InputFormat.JSON)
                .toString();
    }

    @Test
    void answersThatEndAreInstancesOfTheirSchemas() throws Exception {
        List<Future<JsonNode>> answers = new ArrayList<>();
        List<String> schemas = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (String schema : SCHEMAS) {
                for (int seed = 0; seed < 4; seed++) {
                    String body = chat(format(schema), seed, false);
                    schemas.add(schema);
                    answers.add(clients.submit(() -> choice("/v1/chat/completions", body)));
                }
            }
        }
        int ended = 0;
        for (int i = 0; i < answers.size(); i++) {
            JsonNode answer = answers.get(i).get();
            if (answer.path("finish_reason").asText().equals("stop")) {
                String text = answer.at("/message/content").asText();
                assertThat(problems(schemas.get(i), text))
                        .as(schemas.get(i) + ": " + text)
                        .isEqualTo("[]");
                ended++;
            }
        }
        assertThat(ended).as("answers that ended").isGreaterThan(answers.size() / 2);
    }

    @Test
    void theSameRequestGivesTheSameAnswerStreamedOrNot() {
        String schema = SCHEMAS.getFirst();
        String whole = choice("/v1/chat/completions", chat(format(schema), 7, false))
                .at("/message/content")
                .asText();
        StringBuilder streamed = new StringBuilder();
        post("/v1/chat/completions", chat(format(schema), 7, true))
                .asString()
                .lines()
                .filter(line -> line.startsWith("data: {"))
                .forEach(line -> streamed.append(Posts.tree(line.substring(6))
                        .at("/choices/0/delta/content")
                        .asText("")));
        assertThat(streamed.toString()).isEqualTo(whole);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "\"guided_regex\":\"[A-Z]{3}-\\\\d{4}\" ~ [A-Z]{3}-\\d{4}",
                "\"structured_outputs\":{\"regex\":\"(yes|no), (sir|madam)\"} ~ (yes|no), (sir|madam)",
                "\"guided_choice\":[\"Paris\",\"Rome\"] ~ Paris|Rome",
                "\"structured_outputs\":{\"choice\":[\"a b\",\"ü\"]} ~ a b|ü",
                "\"guided_json\":{\"type\":\"boolean\"} ~ true|false",
                "\"structured_outputs\":{\"json\":\"{\\\"const\\\":7}\"} ~ 7"
            })
    void vllmsNamesHoldCompletionsToo(String form, String pattern) {
        for (int seed = 0; seed < 3; seed++) {
            JsonNode answer = choice(
                    "/v1/completions",
                    "{\"prompt\":\"The answer is\",\"temperature\":1,\"max_tokens\":40,\"seed\":" + seed + "," + form
                            + "}");
            assertThat(answer.path("text").asText()).matches(pattern);
            assertThat(answer.path("finish_reason").asText()).isEqualTo("stop");
        }
    }

    @Test
    void aJsonObjectIsOne() {
        for (int seed = 0; seed < 4; seed++) {
            JsonNode answer =
                    choice("/v1/chat/completions", chat("\"response_format\":{\"type\":\"json_object\"}", seed, false));
            String text = answer.at("/message/content").asText();
            assertThat(text).startsWith("{");
            if (answer.path("finish_reason").asText().equals("stop")) {
                assertThat(Posts.tree(text).isObject()).as(text).isTrue();
            }
        }
    }

    private static String response(String format, int seed, boolean stream) {
        return "{\"input\":\"Tell me something.\",\"temperature\":1,\"max_output_tokens\":200,\"seed\":" + seed
                + ",\"stream\":" + stream + ",\"text\":{\"format\":" + format + "}}";
    }

    @Test
    void responsesAreHeldToTheFormOfTheirTextStreamedOrNot() {
        for (String schema : List.of(SCHEMAS.get(1), SCHEMAS.get(2), SCHEMAS.get(7))) {
            String format = "{\"type\":\"json_schema\",\"name\":\"answer\",\"strict\":true,\"schema\":" + schema + "}";
            for (int seed = 0; seed < 2; seed++) {
                Response whole = post("/v1/responses", response(format, seed, false));
                assertThat(whole.statusCode()).as(whole.asString()).isEqualTo(200);
                JsonNode answer = tree(whole);
                assertThat(answer.path("status").asText()).isEqualTo("completed");
                assertThat(answer.at("/text/format")).isEqualTo(Posts.tree(format));
                String text = answer.at("/output/0/content/0/text").asText();
                assertThat(problems(schema, text)).as(schema + ": " + text).isEqualTo("[]");
                StringBuilder streamed = new StringBuilder();
                post("/v1/responses", response(format, seed, true))
                        .asString()
                        .lines()
                        .filter(line -> line.startsWith("data: {"))
                        .map(line -> Posts.tree(line.substring(6)))
                        .filter(event -> event.path("type").asText().equals("response.output_text.delta"))
                        .forEach(event -> streamed.append(event.path("delta").asText()));
                assertThat(streamed.toString()).isEqualTo(text);
            }
        }
    }

    @Test
    void responsesCanBeAnyObjectOrFree() {
        String object = tree(post("/v1/responses", response("{\"type\":\"json_object\"}", 1, false)))
                .at("/output/0/content/0/text")
                .asText();
        String free = tree(post("/v1/responses", response("{\"type\":\"text\"}", 1, false)))
                .at("/output/0/content/0/text")
                .asText();
        assertThat(object).startsWith("{");
        assertThat(free).doesNotStartWith("{");
    }

    private static void assertRefused(Response response, String param, String message) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
        assertThat(tree(response).at("/error/param").asText()).isEqualTo(param);
        assertThat(tree(response).at("/error/message").asText()).contains(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"json_schema\",\"name\":\"a\"} | text.format.schema | a JSON schema, found none",
                "{\"type\":\"json_schema\",\"schema\":{\"items\":{\"contains\":{}}}} | text.format.schema | #/items, contains: ",
                "{\"type\":\"xml\"} | text.format.type | \"json_schema\"",
                "{\"type\":\"text\",\"schema\":{}} | text.format.schema | only parameters that this endpoint knows",
                "\"text\" | text.format | an object"
            })
    void wrongFormsOfResponsesAreRefusedByName(String format, String param, String message) {
        Response response = post("/v1/responses", response(format, 0, false));
        assertRefused(response, param, message);
    }

    @Test
    void aSchemaThatTakesTooLongToCompileIsRefused() {
        StringBuilder properties = new StringBuilder("{\"type\":\"object\",\"properties\":{\"x\":{}");
        for (int i = 0; i < 9_000; i++) {
            properties.append(",\"p" + i + "\":{\"type\":\"string\",\"pattern\":\"^(a|b)*a(a|b){9}" + i + "$\"}");
        }
        Response response = post("/v1/chat/completions", chat(format(properties + "}}"), 0, false));
        assertRefused(
                response,
                "response_format.json_schema.schema",
                "expected a form that is made into a machine within 5000 ms, found one that takes longer");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"response_format\":{\"type\":\"json_schema\"} | response_format.json_schema | expected an object with a schema",
                "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\"}} | response_format.json_schema.schema | found none",
                "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{\"items\":{\"contains\":{}}}}}"
                        + " | response_format.json_schema.schema | #/items, contains: ",
                "\"response_format\":{\"type\":\"xml\"} | response_format.type | \"json_schema\"",
                "\"guided_regex\":\"(\" | guided_regex | a closing bracket",
                "\"guided_choice\":[] | guided_choice | 1 to 4096 strings",
                "\"guided_grammar\":\"x\" | guided_grammar | found",
                "\"structured_outputs\":{\"grammar\":\"x\"} | structured_outputs.grammar | found",
                "\"guided_regex\":\"a\",\"guided_choice\":[\"b\"] | guided_choice | no other form beside it",
                "\"guided_regex\":\"a\",\"ignore_eos\":true | ignore_eos | false"
            })
    void wrongFormsAreRefusedByName(String form, String param, String message) {
        Response response = post("/v1/chat/completions", chat(form, 0, false));
        assertRefused(response, param, message);
        assertThat(tree(response).at("/error/type").asText()).isEqualTo("invalid_request_error");
    }
}
