package dev.loci.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(TelemetryOffTest.Off.class)
final class TelemetryOffTest {
    /// Nothing is measured.
    public static final class Off implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("loci.telemetry.disabled", "true");
        }
    }

    @TestHTTPResource("/")
    URI server;

    @Test
    void itAnswersAndTellsNothing() {
        Requests requests = new Requests(server);
        assertThat(requests.post("/v1/completions", "{\"prompt\":\"Once\",\"max_tokens\":3}", Map.of())
                        .statusCode())
                .isEqualTo(200);
        HttpResponse<String> metrics = requests.get("/q/metrics");
        assertThat(metrics.statusCode()).isEqualTo(404);
        assertThat(metrics.body()).isEqualTo("telemetry is off (loci.telemetry.disabled)\n");
    }
}
