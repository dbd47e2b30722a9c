package dev.loci.app;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ModelLifecycleTest.NoModel.class)
final class ModelLifecycleTest {
    /// There is nothing at the model's place.
    public static final class NoModel implements QuarkusTestProfile {
        @Override
        public Map<String, String> getConfigOverrides() {
            return Map.of("loci.model", "target/no-such-model", "loci.kernels.backend", "scalar");
        }
    }

    private static final String REASON =
            "target/no-such-model, manifest.json: expected the manifest of a model, found no such file";

    @Inject
    StartupFailure failure;

    @Test
    void aFailedStartIsKeptAsOneLine() {
        assertThat(failure.message()).contains(REASON);
    }

    @Test
    void itLivesButIsNeitherStartedNorReady() {
        assertThat(given().get("/q/health/live").statusCode()).isEqualTo(200);
        assertThat(given().get("/q/health/started").statusCode()).isEqualTo(503);
        Response ready = given().get("/q/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.jsonPath().getString("checks[0].data.reason")).isEqualTo(REASON);
    }

    @Test
    void everyCallIsRefusedInTheShapeOfTheApi() {
        Response response = given().get("/v1/models");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.jsonPath().getString("error.code")).isEqualTo("no_model");
    }

    @Test
    void thePageIsThere() {
        Response page = given().get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.contentType()).startsWith("text/html");
    }
}
