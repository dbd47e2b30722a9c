package dev.loci.api.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.GenerationEvent;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(FakeModel.Profile.class)
final class OpenCallsTest {
    private static final Duration WAIT = Duration.ofSeconds(20);

    @Inject
    FakeModel model;

    @Inject
    OpenCalls calls;

    @TestHTTPResource("/")
    URI server;

    @AfterEach
    void reset() {
        model.generator().playAnswer();
    }

    private Socket post(boolean stream) throws IOException {
        Socket socket = new Socket(server.getHost(), server.getPort());
        socket.setSoTimeout(Math.toIntExact(WAIT.toMillis()));
        String body = "{\"model\":\"loci-mini\",\"prompt\":\"a\",\"stream\":" + stream + "}";
        String request = "POST /v1/completions HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    /// Begins an answer and ends it when it is cancelled.
    private void playUntilCancelled() {
        model.generator().play((request, sink) -> {
            sink.accept(new GenerationEvent.Token(20, "0", Optional.empty()));
            return () -> sink.accept(
                    new GenerationEvent.Finished(GenerationEvent.Reason.CANCELLED, "", 1, 1, Optional.empty()));
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatIsCancelledEndsWithAnErrorThatSaysSo(boolean stream) throws Exception {
        playUntilCancelled();
        try (Socket socket = post(stream)) {
            awaitOne();
            assertThat(calls.awaitNone(Duration.ZERO)).isFalse();
            calls.cancelAll();
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer)
                    .startsWith(stream ? "HTTP/1.1 200 OK" : "HTTP/1.1 503 Service Unavailable")
                    .contains("{\"error\":{\"message\":\"the server stops\",\"type\":\"service_unavailable_error\","
                            + "\"param\":null,\"code\":\"stopping\"}}")
                    .doesNotContain("[DONE]");
        }
        assertThat(calls.awaitNone(WAIT)).isTrue();
    }

    @Test
    void aClientThatIsGoneIsNotWaitedFor() throws Exception {
        playUntilCancelled();
        try (Socket socket = post(true)) {
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            assertThat(calls.count()).isEqualTo(1);
        }
        assertThat(calls.awaitNone(WAIT)).isTrue();
    }

    private void awaitOne() {
        long end = System.nanoTime() + WAIT.toNanos();
        while (calls.count() == 0 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(calls.count()).isEqualTo(1);
    }
}
