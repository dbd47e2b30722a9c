package dev.loci.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Logs of the packaged server.
@Timeout(120)
final class PackagedTelemetryTest {
    private static final String NAME = "packaged-telemetry-test";

    @Test
    void logsAreOneJsonObjectALineWhereThatIsWanted() throws IOException, InterruptedException {
        try (Program.Server server = Program.packaged().serve(NAME, Map.of(), "--json-logs=true")) {
            server.process().destroy();
            assertThat(server.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        List<String> messages = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("target", NAME + ".log"))) {
            JsonNode object = new ObjectMapper().readTree(line);
            assertThat(object.isObject()).as(line).isTrue();
            assertThat(object.get("level").textValue()).isEqualTo("INFO");
            messages.add(object.get("message").textValue());
        }
        assertThat(messages).anySatisfy(message -> assertThat(message).startsWith("model loci-mini, kernels "));
    }
}
