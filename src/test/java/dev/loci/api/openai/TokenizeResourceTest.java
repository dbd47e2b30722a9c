package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loci.tokenizer.ChatMessage;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(FakeModel.Profile.class)
final class TokenizeResourceTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Inject
    FakeModel model;

    @AfterEach
    void reset() {
        model.setPresent(true);
    }

    private static Response post(String path, String body) {
        return given().contentType("application/json")
                .body(body.getBytes(StandardCharsets.UTF_8))
                .post(path);
    }

    private static JsonNode tree(Response response) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        assertThat(response.contentType()).isEqualTo("application/json");
        return tree(new String(response.asByteArray(), StandardCharsets.UTF_8));
    }

    private static JsonNode tree(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    @Test
    void aTextHasTheTokenizersIds() {
        int[] ids = model.served().tokenizer().encode("Hi the end", true);
        JsonNode answer = tree(post("/tokenize", "{\"model\":\"loci-mini\",\"prompt\":\"Hi the end\"}"));
        assertThat(answer)
                .isEqualTo(tree("{\"count\":" + ids.length + ",\"max_model_len\":64,\"tokens\":" + Arrays.toString(ids)
                        + ",\"token_strs\":null}"))
                .hasSize(4);
        assertThat(answer.get("token_strs").isNull()).isTrue();
    }

    @Test
    void tokensAreShownAsTextsWhereAskedFor() {
        JsonNode answer = tree(post("/tokenize", "{\"prompt\":\"Hi the end\",\"return_token_strs\":true}"));
        StringBuilder text = new StringBuilder();
        answer.get("token_strs").forEach(each -> text.append(each.textValue()));
        assertThat(answer.get("token_strs")).hasSize(answer.get("count").intValue());
        assertThat(text).hasToString("Hi the end");
    }

    @ParameterizedTest
    @CsvSource({"true,''", "false,',\"add_generation_prompt\":false'", "true,',\"add_special_tokens\":false'"})
    void messagesGoThroughTheTemplate(boolean generation, String more) {
        int[] ids = ChatPrompt.ids(
                model.served(), "messages", List.of(new ChatMessage(ChatMessage.Role.USER, "Hi")), generation);
        JsonNode answer =
                tree(post("/tokenize", "{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]" + more + "}"));
        assertThat(answer.get("tokens")).isEqualTo(MAPPER.valueToTree(ids));
        assertThat(answer.get("count").intValue()).isEqualTo(ids.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Hi", "<|user|>Hi", "\u4F60\u597D \uD83D\uDC69\u200D\uD83D\uDCBB e\u0301"})
    void detokenizeGivesBackTheText(String text) {
        JsonNode tokens = tree(post(
                        "/tokenize",
                        MAPPER.createObjectNode().put("prompt", text).toString()))
                .get("tokens");
        JsonNode answer = tree(post(
                "/detokenize", MAPPER.createObjectNode().set("tokens", tokens).toString()));
        assertThat(answer).isEqualTo(MAPPER.createObjectNode().put("prompt", text));
    }

    @Test
    void detokenizeTakesAsManyTokensAsAContextHolds() {
        String most = "20,".repeat(64) + "20";
        assertThat(post("/detokenize", "{\"tokens\":[" + most + "]}").statusCode())
                .isEqualTo(200);
        Response more = post("/detokenize", "{\"tokens\":[" + most + ",20]}");
        assertThat(more.statusCode()).isEqualTo(400);
        assertThat(more.jsonPath().getString("error.code")).isEqualTo("context_length_exceeded");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/tokenize | {} | 400 | prompt | missing_parameter | a string, or messages instead, found none",
                "/tokenize | {\"prompt\":\"a\",\"messages\":[]} | 400 | prompt | invalid_value"
                        + " | a string, or messages instead, found both",
                "/tokenize | {\"prompt\":[\"a\"]} | 400 | prompt | invalid_value | a string, found an array",
                "/tokenize | {\"model\":\"x\",\"prompt\":\"a\"} | 404 | model | model_not_found | loci-mini, found \"x\"",
                "/tokenize | {\"prompt\":\"a\",\"add_generation_prompt\":true} | 400 | add_generation_prompt"
                        + " | unknown_parameter | only parameters that this endpoint knows, found an unknown one",
                "/tokenize | {\"messages\":[],\"tools\":[{}]} | 400 | tools | unsupported_value"
                        + " | none: this server calls no tools, found an array",
                "/tokenize | {\"messages\":[],\"add_special_tokens\":true} | 400 | add_special_tokens"
                        + " | unsupported_value | false, found true",
                "/detokenize | {} | 400 | tokens | missing_parameter | an array of ids, found none",
                "/detokenize | {\"tokens\":\"a\"} | 400 | tokens | invalid_value | an array of ids, found \"a\"",
                "/detokenize | {\"tokens\":[1,16384]} | 400 | tokens[1] | invalid_value"
                        + " | an integer in 0..16383, found 16384",
                "/detokenize | {\"tokens\":[],\"x\":1} | 400 | x | unknown_parameter"
                        + " | only parameters that this endpoint knows, found an unknown one"
            })
    void refusesByName(String path, String body, int status, String param, String code, String rest) {
        Response response = post(path, body);
        assertThat(response.asString())
                .isEqualTo(Wire.tree(new Wire.ErrorBody(new Wire.ErrorDetail(
                                param + ": expected " + rest, "invalid_request_error", Optional.of(param), code)))
                        .toString());
        assertThat(response.statusCode()).isEqualTo(status);
    }

    @Test
    void withoutAModelThereIsNoTokenizer() {
        model.setPresent(false);
        assertThat(post("/tokenize", "{\"prompt\":\"a\"}").statusCode()).isEqualTo(503);
        assertThat(post("/detokenize", "{\"tokens\":[1]}").statusCode()).isEqualTo(503);
    }
}
