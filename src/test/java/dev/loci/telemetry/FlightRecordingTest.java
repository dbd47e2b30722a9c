package dev.loci.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@QuarkusTest
final class FlightRecordingTest {
    @TestHTTPResource("/")
    URI server;

    @TempDir
    Path temporary;

    @Test
    void aRecordingHasStepsAndGathers() throws IOException {
        Requests requests = new Requests(server);
        String body = "{\"prompt\":\"Once upon\",\"max_tokens\":6,\"ignore_eos\":true}";
        requests.post("/v1/completions", body, Map.of());
        Path file = temporary.resolve("steps.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("dev.loci.Step");
            recording.enable("dev.loci.Gather");
            recording.start();
            requests.post("/v1/completions", body, Map.of());
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        List<RecordedEvent> steps = of(events, "dev.loci.Step");
        List<RecordedEvent> gathers = of(events, "dev.loci.Gather");

        assertThat(steps).isNotEmpty().allSatisfy(step -> {
            assertThat(step.getInt("sequences")).isEqualTo(1);
            assertThat(step.getInt("tokens")).isPositive();
            assertThat(step.getDuration()).isPositive();
        });
        assertThat(gathers).hasSize(2 * steps.size()).allSatisfy(gather -> {
            assertThat(gather.getInt("table")).isBetween(0, 1);
            assertThat(gather.getDuration("nanos")).isPositive();
            assertThat(gather.getLong("uniqueRows")).isBetween(1L, gather.getLong("hits"));
        });
        assertThat(steps.getLast().getLong("number")).isEqualTo(steps.getFirst().getLong("number") + steps.size() - 1);
    }

    private static List<RecordedEvent> of(List<RecordedEvent> events, String name) {
        return events.stream()
                .filter(event -> event.getEventType().getName().equals(name))
                .toList();
    }
}
