package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.app.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A server in a process of its own.
@Timeout(120)
abstract class Sigterm {
    private static final int EXIT_OF_SIGTERM = 128 + 15;

    private final HttpClient client = HttpClient.newHttpClient();
    private Program.Server started;
    private Process server;
    private int port;

    /// Aborts the test where there is none.
    abstract Program program() throws IOException;

    @BeforeEach
    void start() throws Exception {
        started = program().serve("sigterm-test", Map.of(), "--drain=100s");
        server = started.process();
        port = started.port();
        while (ready() != 200) {
            assertThat(server.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    @AfterEach
    void stop() {
        client.close();
        if (started != null) {
            started.close();
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
