package dev.loci.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Who is turned away counts, whoever turns it away, and with vLLM's names left out.
@QuarkusTest
@TestProfile(RefusedRequestsTest.Narrow.class)
final class RefusedRequestsTest {
    private static final String COMPLETIONS = "/v1/completions";
    private static final Map<String, String> KEY = Map.of("authorization", "Bearer sk-one");

    /// Room for one generation that runs and one that waits.
    public static final class Narrow implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of(
                    "loci.api.keys",
                    "sk-one",
                    "loci.batch.max-sequences",
                    "1",
                    "loci.queue.max-requests",
                    "1",
                    "loci.telemetry.vllm-names",
                    "false");
        }
    }

    @TestHTTPResource("/")
    URI server;

    private Scrape scrape() {
        return Scrape.parse(new Requests(server).get("/q/metrics", KEY).body());
    }

    private double rejected(String reason) {
        return scrape().sum("loci_requests_rejected_total", "reason=\"" + reason + "\"");
    }

    @Test
    void aRequestWithoutAKeyIsCountedAsRefused() {
        double before = rejected("invalid_api_key");
        Requests requests = new Requests(server);
        assertThat(requests.post(COMPLETIONS, "{\"prompt\":\"a\"}", Map.of()).statusCode())
                .isEqualTo(401);
        assertThat(requests.post(COMPLETIONS, "{\"prompt\":\"a\"}", Map.of("authorization", "Bearer sk-two"))
                        .statusCode())
                .isEqualTo(401);
        assertThat(rejected("invalid_api_key")).isEqualTo(before + 2);
    }

    @Test
    void aRequestWithoutRoomForAllItsGenerationsIsCountedAsRefusedOnce() throws IOException {
        Requests requests = new Requests(server);
        String body = "{\"prompt\":\"a\",\"n\":2,\"max_tokens\":1000,\"ignore_eos\":true}";
        try (Socket client = requests.open(COMPLETIONS, body, KEY)) {
            Scrape running = Requests.until(this::scrape, scrape -> scrape.sum("loci_engine_requests_running") >= 1);
            assertThat(running.sum("loci_engine_requests_running"))
                    .as("by %s", client)
                    .isOne();
            assertThat(requests.post(COMPLETIONS, body, KEY).statusCode()).isEqualTo(429);
        }
        // of the client that left, and nothing of the one that was refused
        String finished = "loci_generations_finished_total";
        Scrape told = Requests.until(this::scrape, scrape -> scrape.sum(finished, "reason=\"cancelled\"") >= 2);
        assertThat(told.sum("loci_requests_rejected_total", "reason=\"queue_full\""))
                .isEqualTo(1);
        assertThat(told.sum(finished, "reason=\"cancelled\"")).isEqualTo(2);
        assertThat(told.sum("gen_ai_server_request_duration_seconds_count", "error_type=\"queue_full\""))
                .isEqualTo(1);
    }

    @Test
    void vllmsNamesCanBeLeftOut() {
        assertThat(scrape().samples().keySet())
                .anyMatch(name -> name.startsWith("loci_"))
                .noneMatch(name -> name.startsWith("vllm:"));
    }
}
