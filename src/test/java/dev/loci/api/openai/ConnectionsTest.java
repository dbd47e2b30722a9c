package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.GenerationEvent;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Clients that are slow, many, or deaf: the others are served.
@QuarkusTest
@TestProfile(ConnectionsTest.Profile.class)
final class ConnectionsTest {
    private static final int WAIT_MILLIS = 30_000;
    private static final int PAUSE_MILLIS = 100;

    public static final class Profile implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("loci.http.head-timeout", "2s", "loci.http.body-timeout", "2s");
        }

        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(FakeModel.class);
        }
    }

    @Inject
    FakeModel model;

    @TestHTTPResource("/")
    URI server;

    /// The first request of all, after which connections are watched.
    @BeforeEach
    void first() {
        requireServed();
    }

    @AfterEach
    void reset() {
        model.generator().playAnswer();
    }

    private static void requireServed() {
        Response response = given().contentType("application/json")
                .body("{\"prompt\":\"a\",\"max_tokens\":1}")
                .post("/v1/completions");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(server.getHost(), server.getPort());
        socket.setSoTimeout(PAUSE_MILLIS);
        return socket;
    }

    private static void send(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
    }

    /// Sends a byte between pauses until the server closes.
    private static void trickle(Socket socket, String text) throws IOException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MILLIS);
        InputStream in = socket.getInputStream();
        for (int i = 0; System.nanoTime() - end < 0; i++) {
            try {
                if (in.read() < 0) {
                    return;
                }
            } catch (SocketTimeoutException e) {
                // that was the pause
                if (!sent(socket, text.substring(i % text.length(), i % text.length() + 1))) {
                    return;
                }
            } catch (SocketException e) {
                // reset, which is an end too
                return;
            }
        }
        throw new AssertionError("the server is still waiting");
    }

    private static boolean sent(Socket socket, String text) {
        try {
            send(socket, text);
            return true;
        } catch (IOException e) {
            // the server closed in the meantime
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "GET /v1/models HTTP/1.1\r\nHost: test\r\nX-Slow: ",
                "POST /v1/completions HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 1000\r\n\r\n{\"prompt\":\""
            })
    void whoSendsAByteAtATimeIsClosedWhileOthersAreServed(String begin) throws IOException {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 20; i++) {
                Socket socket = connect();
                slow.add(socket);
                send(socket, begin);
            }
            requireServed();
            for (Socket socket : slow) {
                trickle(socket, "aaaa");
            }
        } finally {
            close(slow);
        }
        requireServed();
    }

    private static void close(List<Socket> sockets) throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void aConnectionThatIsIdleAfterAnAnswerIsClosed() throws IOException {
        try (Socket socket = connect()) {
            socket.setSoTimeout(WAIT_MILLIS);
            send(socket, "GET /v1/models HTTP/1.1\r\nHost: test\r\n\r\n");
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 200 OK");
        }
    }

    @Test
    void anAnswerMayTakeLongerThanAnyQuestion() {
        model.generator().play((request, sink) -> {
            CountDownLatch never = new CountDownLatch(1);
            Thread.ofVirtual().start(() -> {
                try {
                    assertThat(never.await(3, TimeUnit.SECONDS)).isFalse();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                sink.accept(new GenerationEvent.Finished(GenerationEvent.Reason.STOP, "late", 1, 0, Optional.empty()));
            });
            return () -> {};
        });
        requireServed();
    }

    @Test
    void aThousandIdleConnectionsCostLittle() throws IOException {
        List<Socket> idle = new ArrayList<>();
        long before = usedHeap();
        try {
            for (int i = 0; i < 1000; i++) {
                idle.add(connect());
            }
            requireServed();
            assertThat(usedHeap() - before).isLessThan(64 << 20);
        } finally {
            close(idle);
        }
    }

    private static long usedHeap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @Test
    void whoDoesNotReadHoldsUpNobody() throws Exception {
        int clients = 10;
        CountDownLatch cancelled = new CountDownLatch(clients);
        String text = "x".repeat(1 << 10);
        model.generator().play((request, sink) -> {
            for (int i = 0; i < 8 << 10; i++) {
                sink.accept(new GenerationEvent.Token(20, text, Optional.empty()));
            }
            return cancelled::countDown;
        });
        List<Socket> deaf = new ArrayList<>();
        try {
            for (int i = 0; i < clients; i++) {
                Socket socket = connect();
                deaf.add(socket);
                String body = "{\"prompt\":\"a\",\"stream\":true}";
                send(
                        socket,
                        "POST /v1/completions HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                                + "Content-Length: " + body.length() + "\r\n\r\n" + body);
                socket.setSoTimeout(WAIT_MILLIS);
                assertThat(socket.getInputStream().read()).isEqualTo('H');
            }
            model.generator().playAnswer();
            requireServed();
        } finally {
            close(deaf);
        }
        assertThat(cancelled.await(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    }

    @Test
    void headsBeyondTheBoundAreRefused() {
        assertThat(given().header("X-Long", "x".repeat(20_000))
                        .get("/v1/models")
                        .statusCode())
                .isEqualTo(431);
        assertThat(given().get("/v1/models/" + "x".repeat(5000)).statusCode()).isEqualTo(414);
        requireServed();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models", "/", "/nothing", "/q/health/live"})
    void everyAnswerTellsBrowsersToBeCareful(String path) {
        Response response = given().get(path);
        assertThat(response.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(response.header("X-Frame-Options")).isEqualTo("DENY");
        assertThat(response.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(response.header("Content-Security-Policy"))
                .startsWith("default-src 'none';")
                .contains("frame-ancestors 'none'");
    }

    @Test
    void otherSitesMayNotAskByDefault() {
        Response response = given().header("Origin", "https://page.example").get("/v1/models");
        assertThat(response.header("Access-Control-Allow-Origin")).isNull();
    }
}
