package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loci.engine.EngineException;
import dev.loci.engine.GenerationEvent;
import dev.loci.telemetry.Scrape;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(FakeModel.Profile.class)
final class OpenAiResourceTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Inject
    FakeModel model;

    @AfterEach
    void reset() {
        model.generator().playAnswer();
        model.setPresent(true);
    }

    private static Response post(String path, String body) {
        return given().contentType("application/json")
                .body(body.getBytes(StandardCharsets.UTF_8))
                .post(path);
    }

    private static JsonNode tree(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    /// The text without what differs from answer to answer.
    private static String fixed(String text) {
        return text.replaceAll("cmpl-[0-9a-f]{24}", "cmpl-ID").replaceAll("\"created\":\\d+", "\"created\":0");
    }

    private static String resource(String name) {
        try (InputStream in = OpenAiResourceTest.class.getResourceAsStream("/openai/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "completion",
                "completion-prompts",
                "completion-echo-scores",
                "completion-logprobs",
                "completion-memory",
                "chat",
                "chat-logprobs"
            })
    void answersAsRecorded(String name) {
        JsonNode recorded = tree(resource(name + ".json"));
        Response response =
                post(recorded.get("path").textValue(), recorded.get("request").toString());
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        assertThat(response.contentType()).isEqualTo("application/json");
        assertThat(tree(fixed(response.asString()))).isEqualTo(recorded.get("response"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "completion-stream",
                "completion-stream-prompts",
                "completion-stream-echo",
                "chat-stream",
                "chat-stream-memory"
            })
    void streamsAsRecordedByteForByte(String name) {
        JsonNode recorded = tree(resource(name + ".json"));
        Response response =
                post(recorded.get("path").textValue(), recorded.get("request").toString());
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        assertThat(response.contentType()).startsWith("text/event-stream");
        assertThat(response.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(fixed(new String(response.asByteArray(), StandardCharsets.UTF_8)))
                .isEqualTo(resource(name + ".txt"));
    }

    @Test
    void listsTheModel() {
        String card = "{\"id\":\"loci-mini\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"loci\","
                + "\"max_model_len\":64,\"memory\":{\"layers\":2,\"rows\":1000,\"hits\":4}}";
        assertThat(given().get("/v1/models").asString()).isEqualTo("{\"object\":\"list\",\"data\":[" + card + "]}");
        assertThat(given().get("/v1/models/loci-mini").asString()).isEqualTo(card);
        assertError(
                given().get("/v1/models/other/one"),
                404,
                "{\"message\":\"model: expected loci-mini, found other/one\",\"type\":\"invalid_request_error\","
                        + "\"param\":\"model\",\"code\":\"model_not_found\"}");
    }

    private static void assertError(Response response, int status, String error) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
        assertThat(response.contentType()).isEqualTo("application/json");
        assertThat(response.asString()).isEqualTo("{\"error\":" + error + "}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "STOPPING | 503 | service_unavailable_error | stopping",
                "DAMAGED | 503 | service_unavailable_error | damaged",
                "QUEUE_FULL | 429 | rate_limit_error | queue_full",
                "REQUEST | 400 | invalid_request_error | invalid_value"
            })
    void refusalsOfTheEngineHaveTheirStatus(EngineException.Kind kind, int status, String type, String code) {
        model.generator().play((request, sink) -> {
            throw EngineException.of(kind, "engine", "state", "room", "none");
        });
        for (String stream : new String[] {"true", "false"}) {
            Response response =
                    post("/v1/completions", "{\"model\":\"loci-mini\",\"prompt\":\"a\",\"stream\":" + stream + "}");
            assertError(
                    response,
                    status,
                    "{\"message\":\"engine, state: expected room, found none\",\"type\":\"" + type
                            + "\",\"param\":null,\"code\":\"" + code + "\"}");
            assertThat(response.header("Retry-After")).isEqualTo(status == 429 ? "1" : null);
        }
    }

    @Test
    void aFirstTokenWithoutTextHoldsTheHeadBack() {
        model.generator().play((_, sink) -> {
            Thread request = Thread.currentThread();
            sink.accept(new GenerationEvent.Token(1, "", Optional.empty()));
            Thread.ofPlatform().start(() -> {
                while (request.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
                sink.accept(new GenerationEvent.Token(2, "late", Optional.empty()));
                sink.accept(new GenerationEvent.Finished(GenerationEvent.Reason.LENGTH, "", 1, 2, Optional.empty()));
            });
            return () -> {};
        });
        Response response = post("/v1/completions", "{\"prompt\":\"a\",\"stream\":true}");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.asString()).contains("\"text\":\"late\"").endsWith("data: [DONE]\n\n");
    }

    @Test
    void aFailureAfterTheFirstByteIsOneEventAndTheEnd() {
        model.generator().play((request, sink) -> {
            sink.accept(new GenerationEvent.Token(20, "0", Optional.empty()));
            sink.accept(new GenerationEvent.Failed(
                    GenerationEvent.Cause.STEP, "values.safetensors: expected 8 bytes, found 4"));
            return () -> {};
        });
        Response response = post("/v1/completions", "{\"model\":\"loci-mini\",\"prompt\":\"a\",\"stream\":true}");
        assertThat(fixed(response.asString()))
                .isEqualTo("data: {\"id\":\"cmpl-ID\",\"object\":\"text_completion\",\"created\":0,"
                        + "\"model\":\"loci-mini\",\"system_fingerprint\":\"loci-test\",\"choices\":[{\"index\":0,"
                        + "\"text\":\"0\",\"logprobs\":null,\"finish_reason\":null}]}\n\n"
                        + "data: {\"error\":{\"message\":\"values.safetensors: expected 8 bytes, found 4\","
                        + "\"type\":\"server_error\",\"param\":null,\"code\":\"internal_error\"}}\n\n");
    }

    @ParameterizedTest
    @CsvSource({
        "STEP,500,server_error,internal_error",
        "DAMAGED,503,service_unavailable_error,damaged",
        "TIMEOUT,504,timeout_error,timeout",
        "STOPPING,503,service_unavailable_error,stopping"
    })
    void aFailureBeforeTheFirstByteIsAStatus(GenerationEvent.Cause cause, int status, String type, String code) {
        model.generator().play((request, sink) -> {
            sink.accept(new GenerationEvent.Failed(cause, "no luck"));
            return () -> {};
        });
        for (boolean stream : new boolean[] {true, false}) {
            assertError(
                    post("/v1/completions", "{\"model\":\"loci-mini\",\"prompt\":\"a\",\"stream\":" + stream + "}"),
                    status,
                    "{\"message\":\"no luck\",\"type\":\"" + type + "\",\"param\":null,\"code\":\"" + code + "\"}");
        }
    }

    @Test
    void aTimeoutAfterTheFirstByteIsOneEventAndTheEnd() {
        model.generator().play((request, sink) -> {
            sink.accept(new GenerationEvent.Token(20, "0", Optional.empty()));
            sink.accept(new GenerationEvent.Failed(GenerationEvent.Cause.TIMEOUT, "no time"));
            return () -> {};
        });
        assertThat(post("/v1/completions", "{\"model\":\"loci-mini\",\"prompt\":\"a\",\"stream\":true}")
                        .asString())
                .endsWith("\n\ndata: {\"error\":{\"message\":\"no time\",\"type\":\"timeout_error\","
                        + "\"param\":null,\"code\":\"timeout\"}}\n\n");
    }

    @Test
    void aFullQueueSaysWhenToTryAgain() {
        model.generator().play((request, sink) -> {
            throw EngineException.queueFull("waiting requests", "at most 4", "4", 17);
        });
        Response response = post("/v1/completions", "{\"model\":\"loci-mini\",\"prompt\":\"a\"}");
        assertError(
                response,
                429,
                "{\"message\":\"engine, waiting requests: expected at most 4, found 4\",\"type\":\"rate_limit_error\","
                        + "\"param\":null,\"code\":\"queue_full\"}");
        assertThat(response.header("Retry-After")).isEqualTo("17");
    }

    @Test
    void whatDoesNotFitWholeIsNotBegun() {
        assertThirdCancelsThoseBefore(() -> EngineException.queueFull("waiting requests", "at most 2", "2", 1), 429);
    }

    @Test
    void anErrorWhileGenerationsAreSubmittedCancelsThoseThatWere() {
        assertThirdCancelsThoseBefore(() -> new IllegalStateException("of a test"), 500);
    }

    private void assertThirdCancelsThoseBefore(Supplier<RuntimeException> failure, int status) {
        AtomicInteger submitted = new AtomicInteger();
        AtomicInteger cancelled = new AtomicInteger();
        model.generator().play((request, sink) -> {
            if (submitted.incrementAndGet() == 3) {
                throw failure.get();
            }
            return cancelled::incrementAndGet;
        });
        assertThat(post("/v1/completions", "{\"model\":\"loci-mini\",\"prompt\":\"a\",\"n\":5}")
                        .statusCode())
                .isEqualTo(status);
        assertThat(submitted).hasValue(3);
        assertThat(cancelled).hasValue(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"prompt\":\"a\",\"n\":5 | n | at most 4, as many generations as may run or wait, found 5",
                "\"prompt\":\"a\",\"best_of\":5 | best_of | at most 4, as many generations as may run or wait, found 5",
                "\"prompt\":[\"a\",\"b\",\"c\"],\"n\":2 | prompt | at most 2 prompts of 2 generations each, "
                        + "as 4 generations may run or wait, found 3"
            })
    void moreThanMayEverRunOrWaitIsAnInvalidRequest(String fields, String param, String problem) {
        model.generator().play((request, sink) -> {
            throw new AssertionError("submitted");
        });
        model.generator().setMaxAtOnce(4);
        assertError(
                post("/v1/completions", "{\"model\":\"loci-mini\"," + fields + "}"),
                400,
                "{\"message\":\"" + param + ": expected " + problem + "\",\"type\":\"invalid_request_error\","
                        + "\"param\":\"" + param + "\",\"code\":\"invalid_value\"}");
    }

    @Test
    void withoutAModelNothingIsServed() {
        double before = refusedWithoutAModel();
        model.setPresent(false);
        String error = "{\"message\":\"model: expected a loaded one, found none (it loads, failed to load, or stops)\","
                + "\"type\":\"service_unavailable_error\",\"param\":null,\"code\":\"no_model\"}";
        assertError(post("/v1/completions", "{}"), 503, error);
        assertError(post("/v1/chat/completions", "{}"), 503, error);
        assertError(given().get("/v1/models"), 503, error);
        assertThat(refusedWithoutAModel()).isEqualTo(before + 2);
    }

    private static double refusedWithoutAModel() {
        return Scrape.parse(given().get("/q/metrics").asString())
                .sum("loci_requests_rejected_total", "reason=\"no_model\"");
    }

    @Test
    void bodiesThatAreNoJsonAreRefused() {
        assertError(
                post("/v1/completions", "{\"model\":"),
                400,
                "{\"message\":\"body @ byte 9: expected JSON, found something else\","
                        + "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_json\"}");
        for (String body : new String[] {
            "", "[]", "1", "{} {}", "{\"a\":1,\"a\":2}", "[".repeat(5000), "{\"a\":NaN}", "\0\0\0\0\0\0\0\0{\"a\":1}"
        }) {
            Response response = post("/v1/completions", body);
            assertThat(response.statusCode()).as(body).isEqualTo(400);
            assertThat(tree(response.asString()).at("/error/code").textValue())
                    .as(body)
                    .isEqualTo("invalid_json");
        }
    }

    @Test
    void wrongTypesPathsAndMethodsAreRefusedInTheSameShape() {
        assertError(
                given().contentType("text/plain").body("{}").post("/v1/completions"),
                415,
                "{\"message\":\"Content-Type: expected application/json, found another\","
                        + "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"unsupported_media_type\"}");
        assertError(
                given().get("/v1/completions"),
                405,
                "{\"message\":\"method: expected one that the path has, found another\","
                        + "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"method_not_allowed\"}");
        for (String path : new String[] {"/v1/nothing", "/nothing"}) {
            assertError(
                    given().get(path),
                    404,
                    "{\"message\":\"path: expected one of this server's, found another\","
                            + "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"not_found\"}");
        }
    }

    @Test
    void aBodyBeyondTheBoundIsRefused() {
        assertError(
                post("/v1/completions", "{\"prompt\":\"" + "x".repeat(RequestBody.MAX_BYTES) + "\"}"),
                413,
                "{\"message\":\"body: expected at most 16777216 bytes, found more\","
                        + "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"request_too_large\"}");
    }

    @Test
    void jsonThatWouldFillTheHeapIsRefused() {
        for (String body : new String[] {
            "{\"prompt\":[" + "{},".repeat(RequestBody.MAX_JSON_TOKENS / 2) + "{}]}",
            "{\"prompt\":" + "[".repeat(65) + "]".repeat(65) + "}"
        }) {
            assertError(
                    post("/v1/completions", body),
                    400,
                    "{\"message\":\"body: expected JSON of at most 2097152 brackets, names and values, 64 levels deep, "
                            + "and numbers of sane length, found more\","
                            + "\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_json\"}");
        }
    }

    @Test
    void textsThatNoContextHoldsAreRefusedBeforeTheyAreEncoded() {
        // 65 tokens at most, the longest of 19 characters
        String text = "x".repeat(65 * 19 + 1);
        assertError(
                post("/v1/completions", "{\"model\":\"loci-mini\",\"prompt\":[\"a\",\"" + text + "\"]}"),
                400,
                "{\"message\":\"prompt[1]: expected at most 1235 characters, found 1236 characters\","
                        + "\"type\":\"invalid_request_error\",\"param\":\"prompt[1]\","
                        + "\"code\":\"context_length_exceeded\"}");
        assertError(
                post(
                        "/v1/chat/completions",
                        "{\"model\":\"loci-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}"),
                400,
                "{\"message\":\"messages: expected at most 1235 characters, found 1236 characters\","
                        + "\"type\":\"invalid_request_error\",\"param\":\"messages\","
                        + "\"code\":\"context_length_exceeded\"}");
    }

    @Test
    void eachBadParameterIsRefusedByName() {
        for (JsonNode line : tree(resource("refusals.json"))) {
            ObjectNode body = line.path("chat").asBoolean()
                    ? (ObjectNode)
                            tree("{\"model\":\"loci-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}")
                    : (ObjectNode) tree("{\"model\":\"loci-mini\",\"prompt\":\"Hi\"}");
            body.setAll((ObjectNode) line.get("with"));
            Response response =
                    post(line.path("chat").asBoolean() ? "/v1/chat/completions" : "/v1/completions", body.toString());
            assertThat(tree(response.asString()).get("error"))
                    .as(body.toString())
                    .isEqualTo(line.get("error"));
            assertThat(response.statusCode())
                    .as(body.toString())
                    .isEqualTo(line.path("status").asInt(400));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\"model\":null,"})
    void aRequestThatNamesNoModelMeansTheServedOne(String model) {
        for (String stream : new String[] {"true", "false"}) {
            String rest = "\"max_tokens\":1,\"stream\":" + stream + "}";
            assertThat(post("/v1/completions", "{" + model + "\"prompt\":\"a\"," + rest)
                            .asString())
                    .contains("\"model\":\"loci-mini\"");
            assertThat(post(
                                    "/v1/chat/completions",
                                    "{" + model + "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]," + rest)
                            .asString())
                    .contains("\"model\":\"loci-mini\"");
        }
    }

    @Test
    void aMessageMayHaveANameOfUpTo64Characters() {
        String body = "{\"messages\":[{\"role\":\"user\",\"content\":\"a\",\"name\":\"NAME\"}]}";
        assertThat(post("/v1/chat/completions", body.replace("NAME", "n".repeat(64)))
                        .statusCode())
                .isEqualTo(200);
        for (String name : new String[] {"", "n".repeat(65)}) {
            Response refused = post("/v1/chat/completions", body.replace("NAME", name));
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.jsonPath().getString("error.param")).isEqualTo("messages[0].name");
        }
    }

    @Test
    void neutralValuesOfWhatIsNotThereAreTaken() {
        String neutral = "\"n\":1,\"presence_penalty\":0,\"frequency_penalty\":0.0,\"repetition_penalty\":1.0,"
                + "\"logit_bias\":{},\"response_format\":{\"type\":\"text\"},\"min_tokens\":0,\"priority\":0,"
                + "\"store\":false,\"metadata\":{\"a\":\"b\"},\"user\":\"u\",\"seed\":null,\"stop\":null";
        assertThat(post(
                                "/v1/completions",
                                "{\"model\":\"loci-mini\",\"prompt\":\"a\",\"best_of\":1,\"suffix\":null," + neutral
                                        + "}")
                        .statusCode())
                .isEqualTo(200);
        assertThat(post(
                                "/v1/chat/completions",
                                "{\"model\":\"loci-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],"
                                        + "\"tools\":[],\"tool_choice\":\"none\",\"logprobs\":false," + neutral + "}")
                        .statusCode())
                .isEqualTo(200);
        Response response = post(
                "/v1/chat/completions",
                "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"},{\"role\":\"assistant\",\"content\":\"b\","
                        + "\"refusal\":null,\"annotations\":[],\"audio\":null,\"function_call\":null,\"tool_calls\":[]},"
                        + "{\"role\":\"user\",\"content\":\"c\"}],\"service_tier\":\"auto\",\"modalities\":[\"text\"],"
                        + "\"reasoning_effort\":\"none\",\"verbosity\":\"medium\",\"safety_identifier\":\"s\","
                        + "\"prompt_cache_key\":\"k\",\"prompt_cache_retention\":\"24h\",\"functions\":[],"
                        + "\"function_call\":\"auto\",\"parallel_tool_calls\":true,\"audio\":null,"
                        + "\"prediction\":{\"type\":\"content\",\"content\":\"guess\"}}");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    }
}
