package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(RefusedServeTest.NoModel.class)
final class RefusedServeTest {
    /// There is nothing at the model's place.
    public static final class NoModel implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("loci.model", "target/no-such-model", "loci.kernels.backend", "scalar");
        }
    }

    @Inject
    ServeApplication application;

    @Test
    void aServerWithoutItsModelEndsWithOneLineAndCode2() {
        Captured captured = Captured.of("", false);
        assertThat(application.run(captured.streams())).isEqualTo(2);
        assertThat(captured.err())
                .isEqualTo("loci serve: target/no-such-model, manifest.json: expected the manifest of a model, "
                        + "found no such file\n");
    }
}
