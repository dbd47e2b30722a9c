package dev.loci.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiLanguageModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import io.quarkus.test.common.http.TestHTTPResource;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// LangChain4j's client, against the server with its default model.
abstract class LangChain4j {
    private static final String MODEL = "loci-mini";

    @TestHTTPResource("/v1")
    URI server;

    /// Where the server under test answers.
    URI server() {
        return server;
    }

    @Test
    void chats() throws Exception {
        OpenAiChatModel model = OpenAiChatModel.builder()
                .baseUrl(server().toString())
                .apiKey("none")
                .modelName(MODEL)
                .temperature(0.0)
                .maxTokens(8)
                .build();
        ChatResponse whole = model.chat(
                SystemMessage.from("Be brief."),
                UserMessage.from("Hello"),
                AiMessage.from("Hello to you"),
                UserMessage.from("Who are you?"));
        assertThat(whole.tokenUsage().outputTokenCount()).isBetween(1, 8);

        OpenAiStreamingChatModel streaming = OpenAiStreamingChatModel.builder()
                .baseUrl(server().toString())
                .apiKey("none")
                .modelName(MODEL)
                .temperature(0.0)
                .maxTokens(8)
                .build();
        StringBuilder deltas = new StringBuilder();
        CompletableFuture<ChatResponse> end = new CompletableFuture<>();
        streaming.chat(
                List.of(
                        SystemMessage.from("Be brief."),
                        UserMessage.from("Hello"),
                        AiMessage.from("Hello to you"),
                        UserMessage.from("Who are you?")),
                new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String partial) {
                        deltas.append(partial);
                    }

                    @Override
                    public void onCompleteResponse(ChatResponse response) {
                        end.complete(response);
                    }

                    @Override
                    public void onError(Throwable error) {
                        end.completeExceptionally(error);
                    }
                });
        ChatResponse streamed = end.get(60, TimeUnit.SECONDS);
        assertThat(streamed.aiMessage().text()).isEqualTo(whole.aiMessage().text());
        assertThat(deltas).hasToString(whole.aiMessage().text());
        assertThat(streamed.tokenUsage().totalTokenCount())
                .isEqualTo(whole.tokenUsage().totalTokenCount());
    }

    @Test
    void completes() {
        OpenAiLanguageModel model = OpenAiLanguageModel.builder()
                .baseUrl(server().toString())
                .apiKey("none")
                .modelName(MODEL)
                .temperature(0.0)
                .build();
        assertThat(model.generate("Once upon a time").content()).isNotEmpty();
    }
}
