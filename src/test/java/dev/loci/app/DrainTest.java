package dev.loci.app;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.api.openai.OpenCalls;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/// A drain cannot be taken back: one application for all of it, and one order.
@QuarkusTest
@TestProfile(DrainTest.ShortDrain.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class DrainTest {
    /// The default model on kernels that are slow enough to be caught at work.
    public static final class ShortDrain implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("loci.kernels.backend", "scalar", "loci.shutdown.drain", "20s");
        }
    }

    private static final int WAIT_SECONDS = 60;

    @Inject
    Event<ShutdownDelayInitiatedEvent> shutdown;

    @Inject
    OpenCalls calls;

    @TestHTTPResource("/")
    URI server;

    private Socket stream(int maxTokens) throws IOException {
        Socket socket = new Socket(server.getHost(), server.getPort());
        socket.setSoTimeout(WAIT_SECONDS * 1000);
        String body = "{\"model\":\"loci-mini\",\"prompt\":\"Once\",\"stream\":true,\"ignore_eos\":true,\"max_tokens\":"
                + maxTokens + "}";
        String request = "POST /v1/completions HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                + "Content-Length: " + body.length() + "\r\n\r\n" + body;
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    @Test
    @Order(1)
    void aStreamEndsWholeWhileNewRequestsAreRefused() throws Exception {
        assertThat(given().get("/q/health/ready").statusCode()).isEqualTo(200);
        try (Socket socket = stream(16)) {
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            readUntil(lines, "data: {");
            assertThat(calls.count()).isEqualTo(1);
            CompletableFuture<Void> drained =
                    CompletableFuture.runAsync(() -> shutdown.fire(new ShutdownDelayInitiatedEvent()));
            while (given().get("/q/health/ready").statusCode() == 200) {
                Thread.onSpinWait();
            }
            var refused = given().contentType("application/json")
                    .body("{\"model\":\"loci-mini\",\"prompt\":\"a\"}")
                    .post("/v1/completions");
            assertThat(refused.asString())
                    .isEqualTo("{\"error\":{\"message\":\"engine, state: expected running, found shutting down\","
                            + "\"type\":\"service_unavailable_error\",\"param\":null,\"code\":\"stopping\"}}");
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(drained).isNotDone();
            readUntil(lines, "data: [DONE]");
            drained.get(WAIT_SECONDS, TimeUnit.SECONDS);
            assertThat(calls.count()).isZero();
        }
    }

    @Test
    @Order(2)
    void afterwardsItLivesButIsNotReady() {
        assertThat(given().get("/q/health/live").statusCode()).isEqualTo(200);
        assertThat(given().get("/q/health/ready").asString()).contains("the server is shutting down");
    }

    private static void readUntil(BufferedReader lines, String beginning) throws IOException {
        for (String line = lines.readLine(); !line.startsWith(beginning); line = lines.readLine()) {
            assertThat(line).doesNotContain("\"error\"");
        }
    }
}
