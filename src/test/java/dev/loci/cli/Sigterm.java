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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A server in a process of its own.
@Timeout(120)
abstract class Sigterm {
    private static final int EXIT_OF_SIGTERM = 128 + 15;
    private static final int CLIENTS = 16;

    private final HttpClient client = HttpClient.newHttpClient();
    private Program.Server started;
    private Process server;
    private int port;

    /// Aborts the test where there is none.
    abstract Program program();

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

    /// How the streams of one client ended.
    private record Seen(int whole, int refused, List<String> broken) {}

    @Test
    void underLoadNoStreamIsBroken() throws Exception {
        CountDownLatch running = new CountDownLatch(2 * CLIENTS);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Seen>> all = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int number = i;
                all.add(clients.submit(() -> streamUntilRefused(number, running)));
            }
            assertThat(running.await(60, TimeUnit.SECONDS)).isTrue();
            server.destroy();
            int whole = 0;
            int refused = 0;
            for (Future<Seen> each : all) {
                assertThat(each.get().broken()).isEmpty();
                whole += each.get().whole();
                refused += each.get().refused();
            }
            assertThat(whole).isGreaterThanOrEqualTo(CLIENTS);
            assertThat(refused).isEqualTo(CLIENTS);
        }
        assertThat(server.waitFor()).isEqualTo(EXIT_OF_SIGTERM);
    }

    private Seen streamUntilRefused(int number, CountDownLatch running) throws InterruptedException {
        int whole = 0;
        List<String> broken = new ArrayList<>();
        while (true) {
            int tokens = 40 + (number * 37 + whole * 53) % 160;
            HttpResponse<InputStream> answer;
            try {
                answer = client.send(
                        completion(",\"stream\":true,\"ignore_eos\":true,\"max_tokens\":" + tokens),
                        HttpResponse.BodyHandlers.ofInputStream());
            } catch (IOException e) {
                // it listens no more
                return new Seen(whole, 1, broken);
            }
            if (answer.statusCode() == 503) {
                return new Seen(whole, 1, broken);
            }
            running.countDown();
            List<String> lines = lines(answer);
            if (lines.isEmpty() || !lines.getLast().equals("data: [DONE]")) {
                broken.add("client " + number + ", stream " + whole + ": " + lines);
            }
            whole++;
        }
    }

    /// Those that are not empty, up to where the stream ends or breaks off.
    private static List<String> lines(HttpResponse<InputStream> answer) {
        List<String> lines = new ArrayList<>();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.isEmpty()) {
                    lines.add(line);
                }
            }
        } catch (IOException e) {
            lines.add(e.toString());
        }
        return lines;
    }

    @Test
    void aSecondSignalEndsItAtOnce() throws Exception {
        String stream = ",\"stream\":true,\"ignore_eos\":true,\"n\":16,\"max_tokens\":1000";
        HttpResponse<InputStream> answer = client.send(completion(stream), HttpResponse.BodyHandlers.ofInputStream());
        server.destroy();
        while (ready() == 200) {
            Thread.onSpinWait();
        }
        assertThat(server.isAlive()).isTrue();
        long second = System.nanoTime();
        server.destroy();
        List<String> lines = lines(answer);
        assertThat(lines.getLast())
                .isEqualTo("data: {\"error\":{\"message\":\"the server stops\","
                        + "\"type\":\"service_unavailable_error\",\"param\":null,\"code\":\"stopping\"}}");
        assertThat(server.waitFor()).isEqualTo(EXIT_OF_SIGTERM);
        assertThat(System.nanoTime() - second).isLessThan(TimeUnit.SECONDS.toNanos(5));
    }
}
