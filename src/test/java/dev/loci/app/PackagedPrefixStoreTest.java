package dev.loci.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The persistent prefix cache of a server that is killed while it writes.
@Timeout(120)
final class PackagedPrefixStoreTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CLIENTS = 4;
    private static final int PROMPT_TOKENS = 70;
    /// Of the prompts; each later look takes another one, for a second look would find it in memory.
    private static final int LAST = 500;

    private static final int HITS = 20;

    @TempDir
    private Path temporary;

    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        client.close();
    }

    private record Answer(String text, int cachedTokens) {}

    private Answer answer(int port, int number) throws IOException, InterruptedException {
        List<Integer> prompt =
                new Random(number).ints(PROMPT_TOKENS, 300, 16_000).boxed().toList();
        String body = "{\"prompt\":" + prompt + ",\"max_tokens\":4,\"temperature\":0,\"ignore_eos\":true}";
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/completions"))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode tree = JSON.readTree(response.body());
        return new Answer(
                tree.at("/choices/0/text").textValue(),
                tree.at("/usage/prompt_tokens_details/cached_tokens").intValue());
    }

    private Program.Server serve(String name) throws IOException {
        return Program.packaged()
                .serve(
                        name,
                        Map.of(),
                        "--prefix-cache-dir=" + temporary.resolve("prefixes"),
                        "--prefix-cache-size=128m");
    }

    @Test
    void aKilledServersPagesComeBackToTheNextOneWhichServesAtOnce() throws Exception {
        Map<Integer, String> texts = writtenAndKilled();
        try (Program.Server again = serve("prefix-store-again")) {
            long started = System.nanoTime();
            Answer first = answer(again.port(), -1);
            assertThat(System.nanoTime() - started).isLessThan(TimeUnit.SECONDS.toNanos(2));
            assertThat(first.cachedTokens()).isZero();
            int hits = 0;
            // The last ones: the first came before the file was open.
            for (int number = LAST; number > 0 && hits < HITS; number--) {
                Answer answer = answer(again.port(), number);
                assertThat(answer.text()).as("prompt " + number).isEqualTo(texts.get(number));
                if (answer.cachedTokens() > 0) {
                    hits++;
                } else {
                    assertThat(again.process().waitFor(100, TimeUnit.MILLISECONDS))
                            .isFalse();
                }
            }
            assertThat(hits).isEqualTo(HITS);
        }
    }

    /// Texts of prompts that a server had answered when it was killed in the midst of others.
    private Map<Integer, String> writtenAndKilled() throws Exception {
        Map<Integer, String> texts = new ConcurrentHashMap<>();
        AtomicInteger next = new AtomicInteger();
        AtomicBoolean killed = new AtomicBoolean();
        CountDownLatch written = new CountDownLatch(LAST + 2 * CLIENTS);
        try (Program.Server server = serve("prefix-store-killed");
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> loops = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                loops.add(clients.submit(() -> {
                    while (!killed.get()) {
                        int number = next.getAndIncrement();
                        try {
                            texts.put(number, answer(server.port(), number).text());
                            written.countDown();
                        } catch (IOException e) {
                            assertThat(killed).isTrue();
                        }
                    }
                    return null;
                }));
            }
            assertThat(written.await(60, TimeUnit.SECONDS)).isTrue();
            killed.set(true);
            server.process().destroyForcibly().waitFor();
            for (Future<Void> loop : loops) {
                loop.get();
            }
        }
        return texts;
    }
}
