package dev.loci.api.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.RateLimitException;
import com.openai.models.completions.CompletionCreateParams;
import dev.loci.engine.EngineException;
import dev.loci.engine.GenerationEvent;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// OpenAI's client, while there is no room.
@QuarkusTest
@TestProfile(FakeModel.Profile.class)
final class RetriesTest {
    private static final CompletionCreateParams PARAMS =
            CompletionCreateParams.builder().model("loci-mini").prompt("a").build();

    @Inject
    FakeModel model;

    @TestHTTPResource("/v1")
    URI server;

    @AfterEach
    void reset() {
        model.generator().playAnswer();
    }

    private OpenAIClient client(int retries) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(server.toString())
                .apiKey("none")
                .maxRetries(retries)
                .build();
    }

    /// Refuses that often, then answers.
    private AtomicInteger refuse(int times) {
        AtomicInteger asked = new AtomicInteger();
        model.generator().play((request, sink) -> {
            if (asked.incrementAndGet() <= times) {
                throw EngineException.queueFull("waiting requests", "at most 4", "4", 1);
            }
            sink.accept(new GenerationEvent.Finished(GenerationEvent.Reason.STOP, "in", 1, 1, Optional.empty()));
            return () -> {};
        });
        return asked;
    }

    @Test
    void theClientAsksAgainWhenThereIsNoRoom() {
        AtomicInteger asked = refuse(1);
        OpenAIClient client = client(2);
        try {
            assertThat(client.completions().create(PARAMS).choices().getFirst().text())
                    .isEqualTo("in");
        } finally {
            client.close();
        }
        assertThat(asked).hasValue(2);
    }

    @Test
    void theClientKnowsThatThereIsNoRoom() {
        refuse(1);
        OpenAIClient client = client(0);
        try {
            RateLimitException e = catchThrowableOfType(
                    RateLimitException.class, () -> client.completions().create(PARAMS));
            assertThat(e.statusCode()).isEqualTo(429);
            assertThat(e.code()).contains("queue_full");
            assertThat(e.headers().values("Retry-After")).containsExactly("1");
        } finally {
            client.close();
        }
    }
}
