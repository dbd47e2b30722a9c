package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The packaged server in a process of its own.
@Timeout(120)
final class SigtermTest {
    private static final Path JAR = Path.of("target/quarkus-app/quarkus-run.jar");
    private static final Path LOG = Path.of("target/sigterm-test.log");
    private static final int EXIT_OF_SIGTERM = 128 + 15;

    private final HttpClient client = HttpClient.newHttpClient();
    private Process server;
    private int port;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Files.exists(JAR), "no packaged server: mvn -Dquick -DskipTests package makes it");
        assumeTrue(
                Files.getLastModifiedTime(JAR).compareTo(newest(Path.of("target/classes"))) >= 0,
                "the packaged server is older than the classes: mvn -Dquick -DskipTests package makes it anew");
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        server = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dai.djl.offline=true",
                        "-jar",
                        JAR.toString(),
                        "serve",
                        "--host=127.0.0.1",
                        "--port=" + port,
                        "--drain=100s")
                .redirectErrorStream(true)
                .redirectOutput(LOG.toFile())
                .start();
        while (ready() != 200) {
            assertThat(server.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.close();
        if (server != null) {
            server.destroyForcibly().waitFor();
        }
    }

    private static FileTime newest(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(SigtermTest::modified)
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }

    private int ready() throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri("/q/health/ready")).build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            // it does not listen yet
            return 0;
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    private HttpRequest completion(String more) {
        return HttpRequest.newBuilder(uri("/v1/completions"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"loci-mini\",\"prompt\":\"Once\"" + more + "}"))
                .build();
    }

    @Test
    void aStreamUnderWayEndsWholeAndThenTheProcess() throws Exception {
        String stream = ",\"stream\":true,\"ignore_eos\":true,\"n\":2,\"max_tokens\":1000";
        HttpResponse<InputStream> answer = client.send(completion(stream), HttpResponse.BodyHandlers.ofInputStream());
        int chunks = 0;
        String last = "";
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            lines.readLine();
            server.destroy();
            while (ready() == 200) {
                Thread.onSpinWait();
            }
            HttpResponse<String> refused = client.send(completion(""), HttpResponse.BodyHandlers.ofString());
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("\"code\":\"stopping\"");
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                chunks += line.startsWith("data: {") ? 1 : 0;
                last = line.isEmpty() ? last : line;
            }
        }
        assertThat(last).isEqualTo("data: [DONE]");
        assertThat(chunks).isGreaterThan(1000);
        assertThat(server.waitFor()).isEqualTo(EXIT_OF_SIGTERM);
    }
}
