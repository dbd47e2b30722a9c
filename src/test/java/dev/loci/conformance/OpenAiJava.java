package dev.loci.conformance;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseStreamEvent;
import io.quarkus.test.common.http.TestHTTPResource;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// OpenAI's own client for Java, against the server with its default model. Whatever comes back is validated by the
/// client, but for two things that OpenAI's own server sends and the client's validation does not know: the null that a
/// chunk of a completion has for its reason, and the null that a prompt's first token has for its alternatives.
abstract class OpenAiJava {
    private static final String MODEL = "loci-mini";

    @TestHTTPResource("/v1")
    URI server;

    /// Where the server under test answers.
    URI server() {
        return server;
    }

    private OpenAIClient client;
    private OpenAIClient lenient;

    @BeforeEach
    void open() {
        client = client(true);
        lenient = client(false);
    }

    private OpenAIClient client(boolean validation) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(server().toString())
                .apiKey("none")
                .maxRetries(0)
                .timeout(Duration.ofSeconds(60))
                .responseValidation(validation)
                .build();
    }

    @AfterEach
    void close() {
        client.close();
        lenient.close();
    }

    private static CompletionCreateParams.Builder completion() {
        return CompletionCreateParams.builder()
                .model(MODEL)
                .prompt("Once upon a time")
                .maxTokens(8)
                .temperature(0);
    }

    private static ChatCompletionCreateParams.Builder chat() {
        return ChatCompletionCreateParams.builder()
                .model(MODEL)
                .addSystemMessage("Be brief.")
                .addUserMessage("Who are you?")
                .maxCompletionTokens(8)
                .temperature(0);
    }

    private static ResponseCreateParams.Builder response() {
        return ResponseCreateParams.builder()
                .model(MODEL)
                .instructions("Be brief.")
                .input("Who are you?")
                .maxOutputTokens(8)
                .temperature(0);
    }

    @Test
    void models() {
        assertThat(client.models().list().data())
                .singleElement()
                .satisfies(each -> assertThat(each.id()).isEqualTo(MODEL));
        Model model = client.models().retrieve(MODEL);
        assertThat(model.validate().ownedBy()).isEqualTo("loci");
        NotFoundException e = catchThrowableOfType(
                NotFoundException.class, () -> client.models().retrieve("other"));
        assertThat(e.code()).contains("model_not_found");
    }

    @Test
    void completions() {
        Completion whole = client.completions()
                .create(completion().logprobs(2).n(2).build())
                .validate();
        assertThat(whole.choices()).hasSize(2);
        assertThat(whole.choices().getFirst().logprobs().orElseThrow().tokens().orElseThrow())
                .hasSize(8);
        assertThat(whole.usage().orElseThrow().completionTokens()).isEqualTo(16);
        try (StreamResponse<Completion> stream =
                lenient.completions().createStreaming(completion().build())) {
            String text = stream.stream()
                    .flatMap(chunk -> chunk.choices().stream())
                    .map(choice -> choice.text())
                    .collect(Collectors.joining());
            assertThat(text).isEqualTo(whole.choices().getFirst().text());
        }
    }

    @Test
    void aPromptIsScored() {
        Completion scored = lenient.completions()
                .create(completion().maxTokens(0).echo(true).logprobs(0).build());
        List<Double> logprobs = scored.choices()
                .getFirst()
                .logprobs()
                .orElseThrow()
                .tokenLogprobs()
                .orElseThrow();
        assertThat(scored.choices().getFirst().text()).isEqualTo("Once upon a time");
        assertThat(logprobs.getFirst()).isNull();
        assertThat(logprobs.subList(1, logprobs.size())).isNotEmpty().allMatch(logprob -> logprob < 0);
        assertThat(scored.usage().orElseThrow().completionTokens()).isZero();
    }

    @Test
    void chatCompletions() {
        ChatCompletion whole = client.chat()
                .completions()
                .create(chat().logprobs(true).topLogprobs(2).build())
                .validate();
        assertThat(whole.choices().getFirst().logprobs().orElseThrow().content().orElseThrow())
                .hasSize(8);
        ChatCompletionCreateParams params = chat().streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build();
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(params)) {
            List<ChatCompletionChunk> chunks = stream.stream().toList();
            chunks.forEach(ChatCompletionChunk::validate);
            String text = chunks.stream()
                    .flatMap(chunk -> chunk.choices().stream())
                    .map(choice -> choice.delta().content().orElse(""))
                    .collect(Collectors.joining());
            assertThat(text)
                    .isEqualTo(whole.choices().getFirst().message().content().orElseThrow());
            assertThat(chunks.getLast().usage().orElseThrow().completionTokens())
                    .isEqualTo(8);
        }
    }

    @Test
    void responses() {
        Response whole = client.responses().create(response().build()).validate();
        String text = text(whole);
        assertThat(text).isNotEmpty();
        assertThat(whole.usage().orElseThrow().outputTokens()).isEqualTo(8);
        assertThat(whole.incompleteDetails()).isPresent();
        try (StreamResponse<ResponseStreamEvent> stream =
                client.responses().createStreaming(response().build())) {
            List<ResponseStreamEvent> events = stream.stream().toList();
            events.forEach(ResponseStreamEvent::validate);
            assertThat(events.getFirst().isCreated()).isTrue();
            assertThat(events.stream()
                            .flatMap(event -> event.outputTextDelta().stream())
                            .map(delta -> delta.delta())
                            .collect(Collectors.joining()))
                    .isEqualTo(text);
            assertThat(text(events.getLast().asIncomplete().response())).isEqualTo(text);
        }
    }

    private static String text(Response response) {
        return response.output()
                .getFirst()
                .asMessage()
                .content()
                .getFirst()
                .asOutputText()
                .text();
    }

    @Test
    void errorsHaveTheirFields() {
        BadRequestException e = catchThrowableOfType(
                BadRequestException.class,
                () -> client.completions().create(completion().suffix("end").build()));
        assertThat(e.statusCode()).isEqualTo(400);
        assertThat(e.param()).contains("suffix");
        assertThat(e.code()).contains("unsupported_value");
        assertThat(e.type()).contains("invalid_request_error");
        BadRequestException streamed = catchThrowableOfType(
                BadRequestException.class,
                () -> client.chat()
                        .completions()
                        .createStreaming(chat().maxCompletionTokens(1 << 20).build()));
        assertThat(streamed.code()).contains("context_length_exceeded");
    }

    @Test
    void aStreamThatIsClosedEndsItsGeneration() throws Exception {
        CompletionCreateParams params = completion()
                .maxTokens(900)
                .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
                .build();
        try (StreamResponse<Completion> stream = lenient.completions().createStreaming(params)) {
            assertThat(stream.stream().findFirst()).isPresent();
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        int running;
        do {
            running = given().get(server().resolve("/q/stats")).jsonPath().getInt("running");
        } while (running > 0 && System.nanoTime() - end < 0);
        assertThat(running).isZero();
    }
}
