package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.Generation;
import dev.loci.engine.GenerationEvent;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
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
    private static final String LIMIT = "2s";
    private static final int LIMIT_MILLIS = 2000;
    private static final int FLOOD_TOKENS = 16 << 10;
    private static final int FLOOD_STEP = 64;
    /// Read between two pauses: all of a flood takes about 6 s.
    private static final int SIP_BYTES = 300_000;

    public static final class Profile implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "loci.http.head-timeout", LIMIT, "loci.http.body-timeout", LIMIT, "loci.http.write-timeout", LIMIT);
        }

        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(FakeModel.class);
        }
    }

    /// What a generation was told.
    private static final class Told implements Generation {
        private final CountDownLatch cancelled = new CountDownLatch(1);
        private final AtomicInteger pauses = new AtomicInteger();
        private final AtomicInteger resumes = new AtomicInteger();
        private final Semaphore asked = new Semaphore(1);

        @Override
        public void pause() {
            pauses.incrementAndGet();
            asked.acquireUninterruptibly();
        }

        @Override
        public void resume() {
            resumes.incrementAndGet();
            asked.release();
        }

        /// Waits while it is paused.
        void awaitAsked() {
            asked.acquireUninterruptibly();
            asked.release();
        }

        @Override
        public void cancel() {
            cancelled.countDown();
        }
    }

    @Inject
    FakeModel model;

    @Inject
    Vertx vertx;

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

    private Socket ask(boolean stream) throws IOException {
        Socket socket = connect();
        String body = "{\"prompt\":\"a\",\"stream\":" + stream + "}";
        send(
                socket,
                "POST /v1/completions HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
                        + "Content-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        socket.setSoTimeout(WAIT_MILLIS);
        return socket;
    }

    /// Tokens of a KiB each, more than any buffer takes, as they are asked for; then the end.
    private static Told flood(Consumer<? super GenerationEvent> sink) {
        Told told = new Told();
        Thread.ofVirtual().start(() -> {
            String text = "x".repeat(1 << 10);
            for (int i = 0; i < FLOOD_TOKENS; i++) {
                told.awaitAsked();
                if (i % FLOOD_STEP == 0) {
                    // the others take what has come by then
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                }
                sink.accept(new GenerationEvent.Token(20, text, Optional.empty()));
            }
            sink.accept(new GenerationEvent.Finished(
                    GenerationEvent.Reason.STOP, "the end", 1, FLOOD_TOKENS, Optional.empty()));
        });
        return told;
    }

    private CompletableFuture<Told> playFlood() {
        CompletableFuture<Told> floods = new CompletableFuture<>();
        model.generator().play((request, sink) -> {
            Told told = flood(sink);
            floods.complete(told);
            return told;
        });
        return floods;
    }

    /// Time that has to pass: there is nothing to wait for.
    private static void pause(long millis) throws InterruptedException {
        assertThat(new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoReadsNothingIsClosed(boolean stream) throws Exception {
        CompletableFuture<Told> floods = playFlood();
        try (Socket socket = ask(stream)) {
            Told told = floods.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(told.cancelled.await(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            assertThat(told.pauses.get()).isEqualTo(stream ? 1 : 0);
            assertThat(told.resumes.get()).isZero();
            if (!stream) {
                // its end was told when it was written, not when it was read
                pause(3 * LIMIT_MILLIS);
            }
            assertThat(bytesToTheEnd(socket)).isLessThan(FLOOD_TOKENS << 10);
        }
        model.generator().playAnswer();
        requireServed();
    }

    /// An end of any kind.
    private static int bytesToTheEnd(Socket socket) throws IOException {
        int bytes = 0;
        byte[] buffer = new byte[1 << 16];
        try {
            for (int count = 0; count >= 0; count = socket.getInputStream().read(buffer)) {
                bytes += count;
            }
        } catch (SocketException e) {
            // reset, which is an end too
            return bytes;
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoReadsSlowlyIsServedToTheEnd(boolean stream) throws Exception {
        CompletableFuture<Told> floods = playFlood();
        byte[] answer = new byte[FLOOD_TOKENS << 11];
        int bytes = 0;
        long begin = System.nanoTime();
        try (Socket socket = ask(stream)) {
            int wanted = SIP_BYTES;
            for (int count = 0; count >= 0; ) {
                if (bytes >= wanted) {
                    wanted = bytes + SIP_BYTES;
                    pause(PAUSE_MILLIS);
                }
                count = socket.getInputStream().read(answer, bytes, Math.min(1 << 16, answer.length - bytes));
                bytes += Math.max(0, count);
            }
        }
        assertThat(System.nanoTime() - begin).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(2 * LIMIT_MILLIS));
        assertThat(new String(answer, 0, bytes, StandardCharsets.UTF_8)).contains("the end");
        assertThat(bytes).isGreaterThan(FLOOD_TOKENS << 10);
        Told told = floods.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
        assertThat(told.resumes.get()).isEqualTo(told.pauses.get());
        if (!stream) {
            assertThat(told.pauses.get()).isZero();
        }
    }

    @Test
    void aBodyOfHttp2ThatDoesNotEndIsReset() throws Exception {
        HttpClientOptions options =
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false);
        HttpClient client = vertx.createHttpClient(options);
        try {
            CountDownLatch broken = new CountDownLatch(1);
            client.request(HttpMethod.POST, server.getPort(), server.getHost(), "/v1/completions")
                    .onSuccess(request -> {
                        request.response().onFailure(_ -> broken.countDown());
                        request.putHeader("Content-Type", "application/json")
                                .setChunked(true)
                                .write("{");
                    });
            assertThat(broken.await(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        } finally {
            client.close().toCompletionStage().toCompletableFuture().get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
        }
        requireServed();
    }

    @Test
    void aStreamOfHttp2ThatNobodyReadsIsReset() throws Exception {
        CompletableFuture<Told> floods = playFlood();
        HttpClientOptions options =
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false);
        HttpClient client = vertx.createHttpClient(options);
        try {
            CountDownLatch answered = new CountDownLatch(1);
            CountDownLatch broken = new CountDownLatch(1);
            client.request(HttpMethod.POST, server.getPort(), server.getHost(), "/v1/completions")
                    .compose(request -> request.putHeader("Content-Type", "application/json")
                            .send("{\"prompt\":\"a\",\"stream\":true}"))
                    .onSuccess(response -> {
                        response.pause();
                        response.exceptionHandler(_ -> broken.countDown());
                        answered.countDown();
                    });
            assertThat(answered.await(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            Told told = floods.get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            assertThat(told.cancelled.await(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
            assertThat(told.pauses.get()).isOne();
            assertThat(broken.await(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
        } finally {
            client.close().toCompletionStage().toCompletableFuture().get(WAIT_MILLIS, TimeUnit.MILLISECONDS);
        }
        model.generator().playAnswer();
        requireServed();
    }

    @Test
    void nobodyFillsTheLogByBreakingOff() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                told.add(record.getLoggerName() + ": " + record.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        try {
            for (String begin : List.of("", "GET /v1/mod", "GET /v1/models HTTP/1.1\r\nHost: test\r\nX-Slow: ")) {
                try (Socket socket = connect()) {
                    send(socket, begin);
                    // read by then
                    pause(PAUSE_MILLIS);
                    socket.setSoLinger(true, 0);
                }
            }
            pause(PAUSE_MILLIS);
            requireServed();
            assertThat(told).isEmpty();
        } finally {
            root.removeHandler(handler);
        }
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
