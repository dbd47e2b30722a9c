package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationRequest;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@TestProfile(FakeModel.Profile.class)
final class ResponsesTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String FIXED = "\"background\":false,\"error\":null,";
    private static final String REST = "\"parallel_tool_calls\":true,\"previous_response_id\":null,"
            + "\"reasoning\":{\"effort\":null,\"summary\":null},\"service_tier\":\"default\",\"store\":false,"
            + "\"temperature\":1.0,\"text\":{\"format\":{\"type\":\"text\"}},\"tool_choice\":\"auto\",\"tools\":[],"
            + "\"top_p\":1.0,\"truncation\":\"disabled\",";
    private static final String PART =
            "{\"type\":\"output_text\",\"text\":\" the \u754C end\",\"annotations\":[],\"logprobs\":[]}";

    @Inject
    FakeModel model;

    @AfterEach
    void reset() {
        model.generator().playAnswer();
    }

    private static Response post(String body) {
        return given().contentType("application/json")
                .body(body.getBytes(StandardCharsets.UTF_8))
                .post("/v1/responses");
    }

    private static String text(Response response) {
        return new String(response.asByteArray(), StandardCharsets.UTF_8)
                .replaceAll("resp_[0-9a-f]{24}", "resp_ID")
                .replaceAll("msg_[0-9a-f]{24}", "msg_ID")
                .replaceAll("\"created_at\":\\d+", "\"created_at\":0");
    }

    private static JsonNode tree(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    @Test
    void answersOneMessage() {
        Response response =
                post("{\"model\":\"loci-mini\",\"input\":\"Hi\",\"user\":\"u\",\"metadata\":{\"a\":\"b\"}}");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        int prompt = tree(text(response)).at("/usage/input_tokens").intValue();
        int answer = model.served().tokenizer().encodePlain(" the \u754C end").length;
        assertThat(tree(text(response)))
                .isEqualTo(tree("{\"id\":\"resp_ID\",\"object\":\"response\",\"created_at\":0,\"status\":\"completed\","
                        + FIXED + "\"incomplete_details\":null,\"instructions\":null,\"max_output_tokens\":null,"
                        + "\"model\":\"loci-mini\",\"output\":[{\"id\":\"msg_ID\",\"type\":\"message\","
                        + "\"status\":\"completed\",\"role\":\"assistant\",\"content\":[" + PART + "]}]," + REST
                        + "\"usage\":{\"input_tokens\":" + prompt
                        + ",\"input_tokens_details\":{\"cached_tokens\":0,\"cache_write_tokens\":0},"
                        + "\"output_tokens\":" + answer + ",\"output_tokens_details\":{\"reasoning_tokens\":0},"
                        + "\"total_tokens\":" + (prompt + answer) + "},\"user\":\"u\",\"metadata\":{\"a\":\"b\"}}"));
    }

    @Test
    void anAnswerThatIsCutOffSaysSo() {
        JsonNode answer = tree(text(post("{\"input\":\"Hi\",\"max_output_tokens\":1}")));
        assertThat(answer.get("status").textValue()).isEqualTo("incomplete");
        assertThat(answer.get("incomplete_details")).isEqualTo(tree("{\"reason\":\"max_output_tokens\"}"));
        assertThat(answer.at("/output/0/status").textValue()).isEqualTo("incomplete");
        assertThat(answer.get("max_output_tokens").intValue()).isEqualTo(1);
    }

    @Test
    void instructionsAndItemsAreAConversation() {
        List<GenerationRequest> requests = new ArrayList<>();
        model.generator().play((request, sink) -> {
            requests.add(request);
            sink.accept(new GenerationEvent.Finished(GenerationEvent.Reason.STOP, "", 1, 0, Optional.empty()));
            return () -> {};
        });
        assertThat(post("{\"instructions\":\"Be brief\",\"input\":[{\"role\":\"user\",\"content\":\"Hi\"},"
                                + "{\"type\":\"message\",\"id\":\"msg_1\",\"status\":\"completed\",\"role\":\"assistant\","
                                + "\"content\":[{\"type\":\"output_text\",\"text\":\"Ho\",\"annotations\":[]}]},"
                                + "{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"A\"},"
                                + "{\"type\":\"input_text\",\"text\":\"B\"}]}]}")
                        .statusCode())
                .isEqualTo(200);
        given().contentType("application/json")
                .body("{\"messages\":[{\"role\":\"system\",\"content\":\"Be brief\"},"
                        + "{\"role\":\"user\",\"content\":\"Hi\"},{\"role\":\"assistant\",\"content\":\"Ho\"},"
                        + "{\"role\":\"user\",\"content\":\"AB\"}]}")
                .post("/v1/chat/completions");
        assertThat(requests).hasSize(2);
        assertThat(requests.getFirst().prompt()).isEqualTo(requests.getLast().prompt());
    }

    /// Name and data of each event; the name is the type.
    private static List<JsonNode> events(Response response) {
        List<JsonNode> events = new ArrayList<>();
        for (String event : text(response).strip().split("\n\n", -1)) {
            String[] lines = event.split("\n", -1);
            assertThat(lines).hasSize(2);
            JsonNode data = tree(lines[1].substring("data: ".length()));
            assertThat(lines[0]).isEqualTo("event: " + data.get("type").textValue());
            assertThat(data.get("sequence_number").intValue()).isEqualTo(events.size());
            events.add(data);
        }
        return events;
    }

    @Test
    void streamsTheOfficialSequence() {
        Response response = post("{\"input\":\"Hi\",\"stream\":true}");
        assertThat(response.contentType()).startsWith("text/event-stream");
        List<JsonNode> events = events(response);
        assertThat(events.stream().map(event -> event.get("type").textValue()).distinct())
                .containsExactly(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.delta",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.completed");
        assertThat(events.get(2))
                .isEqualTo(tree("{\"type\":\"response.output_item.added\",\"sequence_number\":2,\"output_index\":0,"
                        + "\"item\":{\"id\":\"msg_ID\",\"type\":\"message\",\"status\":\"in_progress\","
                        + "\"role\":\"assistant\",\"content\":[]}}"));
        assertThat(events.get(4))
                .isEqualTo(tree("{\"type\":\"response.output_text.delta\",\"sequence_number\":4,\"item_id\":\"msg_ID\","
                        + "\"output_index\":0,\"content_index\":0,\"delta\":\" the\",\"logprobs\":[]}"));
        StringBuilder deltas = new StringBuilder();
        events.forEach(event -> deltas.append(event.path("delta").asText("")));
        assertThat(deltas).hasToString(" the \u754C end");
        assertThat(events.getLast().at("/response/output/0/content/0")).isEqualTo(tree(PART));
        JsonNode whole = tree(text(post("{\"input\":\"Hi\"}")));
        assertThat(events.getLast().get("response")).isEqualTo(whole);
    }

    @Test
    void aStreamThatIsCutOffEndsIncomplete() {
        List<JsonNode> events = events(post("{\"input\":\"Hi\",\"stream\":true,\"max_output_tokens\":2}"));
        assertThat(events.getLast().get("type").textValue()).isEqualTo("response.incomplete");
        assertThat(events.getLast().at("/response/incomplete_details/reason").textValue())
                .isEqualTo("max_output_tokens");
    }

    @ParameterizedTest
    @CsvSource({"STEP,server_error", "DAMAGED,damaged", "TIMEOUT,timeout", "STOPPING,stopping"})
    void aFailureInAStreamIsItsLastEvent(GenerationEvent.Cause cause, String code) {
        model.generator().play((request, sink) -> {
            sink.accept(new GenerationEvent.Token(20, "0", Optional.empty()));
            sink.accept(new GenerationEvent.Failed(cause, "no luck"));
            return () -> {};
        });
        JsonNode last = events(post("{\"input\":\"Hi\",\"stream\":true}")).getLast();
        assertThat(last.get("type").textValue()).isEqualTo("response.failed");
        assertThat(last.at("/response/status").textValue()).isEqualTo("failed");
        assertThat(last.at("/response/error")).isEqualTo(tree("{\"code\":\"" + code + "\",\"message\":\"no luck\"}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"store\":true | store | false, found true",
                "\"previous_response_id\":\"resp_1\" | previous_response_id"
                        + " | none: this server keeps no responses, found \"resp_1\"",
                "\"conversation\":\"conv_1\" | conversation | none: this server keeps no responses, found \"conv_1\"",
                "\"background\":true | background | false, found true",
                "\"tools\":[{\"type\":\"web_search\"}] | tools | none: this server calls no tools, found an array",
                "\"tool_choice\":\"required\" | tool_choice | \"none\" or \"auto\", found \"required\"",
                "\"include\":[\"x\"] | include | none, found an array",
                "\"n\":2 | n | none: a response is one, found 2",
                "\"reasoning\":{\"effort\":\"high\"} | reasoning.effort | \"none\", found \"high\"",
                "\"text\":{\"verbosity\":\"low\"} | text.verbosity | \"medium\", found \"low\"",
                "\"truncation\":\"auto\" | truncation | \"disabled\", found \"auto\"",
                "\"stream\":true,\"stream_options\":{\"include_usage\":true} | stream_options.include_usage"
                        + " | none: every response has its usage, found true",
                "\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"x\"}]}]"
                        + " | input[0].content[0].type | \"input_text\" or \"output_text\", found \"input_image\"",
                "\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"1\",\"output\":\"\"}] | input[0].type"
                        + " | \"message\", found \"function_call_output\""
            })
    void refusesByName(String with, String param, String rest) {
        String input = with.startsWith("\"input\"") ? "" : "\"input\":\"Hi\",";
        Response response = post("{" + input + with + "}");
        assertThat(tree(response.asString()).get("error"))
                .isEqualTo(Wire.tree(new Wire.ErrorDetail(
                        param + ": expected " + rest,
                        "invalid_request_error",
                        Optional.of(param),
                        "unsupported_value")));
        assertThat(response.statusCode()).isEqualTo(400);
    }

    @Test
    void repeatsWhatWasSaidOfTools() {
        JsonNode said = tree(post("{\"input\":\"Hi\",\"tool_choice\":\"none\",\"parallel_tool_calls\":false}")
                .asString());
        assertThat(said.get("tool_choice").textValue()).isEqualTo("none");
        assertThat(said.get("parallel_tool_calls").booleanValue()).isFalse();
    }

    @Test
    void takesNeutralValues() {
        Response response = post("{\"input\":\"Hi\",\"store\":false,\"previous_response_id\":null,\"tools\":[],"
                + "\"tool_choice\":\"auto\",\"parallel_tool_calls\":true,\"truncation\":\"disabled\","
                + "\"background\":false,\"include\":[],\"reasoning\":{\"effort\":null},"
                + "\"text\":{\"format\":{\"type\":\"text\"},\"verbosity\":\"medium\"},\"top_logprobs\":0,"
                + "\"service_tier\":\"auto\",\"safety_identifier\":\"s\",\"prompt_cache_key\":\"k\",\"top_p\":0.5,"
                + "\"temperature\":0}");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        assertThat(tree(response.asString()).get("top_p").doubleValue()).isEqualTo(0.5);
    }
}
