package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(GateTest.Profile.class)
final class GateTest {
    private static final Path FILE = Path.of("target/api-keys-of-a-test");

    @TestHTTPResource("/")
    URI server;

    public static final class Profile implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            write("sk-one", "sk-two");
            return Map.of(
                    "loci.api.keys.file",
                    FILE.toString(),
                    "quarkus.http.cors.enabled",
                    "true",
                    "quarkus.http.cors.origins",
                    "https://page.example");
        }

        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(FakeModel.class);
        }
    }

    private static void write(String... keys) {
        try {
            Path next = FILE.resolveSibling(FILE.getFileName() + ".next");
            Files.write(next, List.of(keys));
            Files.move(next, FILE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(FILE.toString(), e);
        }
    }

    @BeforeEach
    void reset() {
        write("sk-one", "sk-two");
    }

    private static Response get(String authorization, String path) {
        return given().header("Authorization", authorization)
                .urlEncodingEnabled(false)
                .get(path);
    }

    private static void assertRefused(Response response, String found) {
        assertThat(response.statusCode()).isEqualTo(401);
        assertThat(response.contentType()).isEqualTo("application/json");
        assertThat(response.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(response.asString())
                .isEqualTo(
                        "{\"error\":{\"message\":\"Authorization: expected Bearer and an API key of this server, found "
                                + found + "\",\"type\":\"invalid_request_error\",\"param\":null,"
                                + "\"code\":\"invalid_api_key\"}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/models",
                "/v1/models/loci-mini",
                "/v1/models/loci.js",
                "//v1/models",
                "/v1;a=b/models",
                "/%761/models",
                "/x/../v1/models",
                "/page.html/../v1/models",
                "/v1/models/..%2Findex.html",
                "/q/stats",
                "/q/metrics",
                "/q/openapi",
                "/q/health/../stats",
                "/nothing",
                "/nothing/index.html;x"
            })
    void everyPathThatShowsSomethingNeedsAKey(String path) {
        assertRefused(given().urlEncodingEnabled(false).get(path), "none");
        assertRefused(get("Bearer sk-on", path), "another key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/v1/completions", "/v1/chat/completions", "/tokenize", "/detokenize", "/", "/q/health/live"})
    void everyPathThatWorksNeedsAKey(String path) {
        assertRefused(given().contentType("application/json").body("{}").post(path), "none");
    }

    @ParameterizedTest
    @CsvSource({"Basic c2stb25lOg==,none", "sk-one,none", "Bearer,none", "Bearer sk-one sk-two,another key"})
    void onlyABearerTokenCounts(String authorization, String found) {
        assertRefused(get(authorization, "/v1/models"), found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer sk-one", "Bearer sk-two", "bearer sk-one", "Bearer  sk-two "})
    void eachKeyLetsIn(String authorization) {
        assertThat(get(authorization, "/v1/models").statusCode()).isEqualTo(200);
        assertThat(get(authorization, "/q/stats").statusCode()).isEqualTo(200);
        assertThat(given().header("Authorization", authorization)
                        .contentType("application/json")
                        .body("{\"prompt\":\"a\",\"max_tokens\":1}")
                        .post("/v1/completions")
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/index.html", "/loci.css", "/loci.js", "/q/health", "/q/health/live", "/q/health/ready"})
    void probesAndThePageAreOpen(String path) {
        assertThat(given().get(path).statusCode()).isNotEqualTo(401);
        assertThat(given().head(path).statusCode()).isNotEqualTo(401);
    }

    @Test
    void aKeyThatIsTakenOutOfTheFileLetsNobodyInAnyMore() {
        assertThat(get("Bearer sk-one", "/v1/models").statusCode()).isEqualTo(200);
        write("sk-two", "sk-three");
        assertRefused(get("Bearer sk-one", "/v1/models"), "another key");
        assertThat(get("Bearer sk-three", "/v1/models").statusCode()).isEqualTo(200);
    }

    @Test
    void aBrowserMayAskWithoutAKeyWhetherItMayAsk() {
        Response response = given().header("Origin", "https://page.example")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization")
                .options("/v1/completions");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.header("Access-Control-Allow-Origin")).isEqualTo("https://page.example");
    }

    @Test
    void theNextRequestOnTheConnectionIsAnsweredAfterARefusedBody() throws IOException {
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.setSoTimeout(20_000);
            String body = "x".repeat(10_000);
            String refused = "POST /v1/completions HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                    + "Content-Length: " + body.length() + "\r\n\r\n" + body;
            String next = String.join(
                    "\r\n",
                    "GET /v1/models HTTP/1.1",
                    "Host: test",
                    "Authorization: Bearer sk-one",
                    "Connection: close",
                    "",
                    "");
            socket.getOutputStream().write((refused + next).getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            String answers = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answers)
                    .startsWith("HTTP/1.1 401")
                    .contains("HTTP/1.1 200")
                    .contains("\"id\":\"loci-mini\"");
        }
    }
}
