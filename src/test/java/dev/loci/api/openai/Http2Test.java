package dev.loci.api.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.StreamResetException;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Refusals while a body is on its way over HTTP/2, where no header says that a connection ends.
@QuarkusTest
@TestProfile(Http2Test.Profile.class)
final class Http2Test {
    private static final int WAIT_SECONDS = 30;
    private static final String KEY = "Bearer sk-one";

    public static final class Profile implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("loci.api.keys", "sk-one");
        }

        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(FakeModel.class);
        }
    }

    private record Answer(int status, MultiMap headers) {}

    @Inject
    Vertx vertx;

    @TestHTTPResource("/")
    URI server;

    private HttpClient client;

    @BeforeEach
    void open() {
        client = vertx.createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    }

    @AfterEach
    void close() throws Exception {
        get(client.close());
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
    }

    private HttpClientRequest post(String authorization) throws Exception {
        return get(client.request(HttpMethod.POST, server.getPort(), server.getHost(), "/v1/completions"))
                .putHeader("Content-Type", "application/json")
                .putHeader("Authorization", authorization);
    }

    private static Answer answer(HttpClientRequest request) throws Exception {
        return get(request.response().map(response -> new Answer(response.statusCode(), response.headers())));
    }

    /// What ends the sending of a body that has no end.
    private static CompletableFuture<Void> sendForever(HttpClientRequest request) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        request.exceptionHandler(sent::completeExceptionally);
        request.setChunked(true).write("{");
        return sent;
    }

    private static void assertToldToStop(CompletableFuture<Void> sent) {
        assertThatThrownBy(() -> sent.get(WAIT_SECONDS, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        StreamResetException.class,
                        reset -> assertThat(reset.getCode()).isZero());
    }

    @Test
    void whoHasNoKeyIsToldToSendNoMore() throws Exception {
        HttpClientRequest request = post("Bearer another");
        CompletableFuture<Void> sent = sendForever(request);
        Answer answer = answer(request);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.headers().contains("Connection")).isFalse();
        assertToldToStop(sent);
    }

    @Test
    void whoSendsTooMuchIsToldToSendNoMore() throws Exception {
        HttpClientRequest request = post(KEY);
        CompletableFuture<Void> sent = sendForever(request);
        request.write(Buffer.buffer(new byte[17 << 20]));
        Answer answer = answer(request);
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.headers().contains("Connection")).isFalse();
        assertToldToStop(sent);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 10_000, 100_000})
    void aRefusalWhoseBodyHasALengthIsRead(int bytes) throws Exception {
        HttpClientRequest request = post("Bearer another");
        request.send(Buffer.buffer(new byte[bytes]));
        Answer answer = answer(request);
        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.headers().contains("Connection")).isFalse();
    }

    @Test
    void whoHasAKeyIsServed() throws Exception {
        HttpClientRequest request = post(KEY);
        request.send("{\"prompt\":\"a\",\"max_tokens\":1}");
        assertThat(answer(request).status()).isEqualTo(200);
    }
}
