package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(FakeModel.Profile.class)
final class StatsResourceTest {
    @Inject
    FakeModel model;

    @AfterEach
    void reset() {
        model.setPresent(true);
    }

    @Test
    void showsWhatTheEngineHasDone() {
        Response response = given().get("/q/stats");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.contentType()).isEqualTo("application/json");
        assertThat(response.header("Cache-Control")).isEqualTo("no-store");
        assertThat(response.asString())
                .isEqualTo(
                        "{\"kernels\":\"fake\",\"binding\":\"none\",\"steps\":1,\"tokens\":2,\"prompt_tokens\":3,\"cached_tokens\":4,\"generated\":5,"
                                + "\"forced_tokens\":3,\"preemptions\":6,\"weight_bytes\":7,"
                                + "\"tables\":[{\"hits\":8,\"unique_rows\":9,\"bytes\":10},"
                                + "{\"hits\":11,\"unique_rows\":12,\"bytes\":13}],"
                                + "\"pages\":14,\"free_pages\":15,\"cached_pages\":16,\"running\":17,\"waiting\":18,"
                                + "\"step_nanos\":19,\"between_nanos\":20}");
    }

    @Test
    void everyFieldIsDocumented() throws Exception {
        String documentation = Files.readString(Path.of("docs/STATISTICS.md"));
        List<String> names = new ArrayList<>();
        new ObjectMapper()
                .readTree(given().get("/q/stats").asString())
                .properties()
                .forEach(field -> {
                    names.add(field.getKey());
                    field.getValue().path(0).fieldNames().forEachRemaining(name -> names.add("tables[]." + name));
                });
        assertThat(names)
                .hasSize(21)
                .allSatisfy(name -> assertThat(documentation).contains("| `" + name + "` |"));
    }

    @Test
    void withoutAModelThereAreNone() {
        model.setPresent(false);
        Response response = given().get("/q/stats");
        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.asString())
                .isEqualTo("{\"error\":{\"message\":\"model: expected a loaded one, found none (it loads, failed to"
                        + " load, or stops)\",\"type\":\"service_unavailable_error\",\"param\":null,"
                        + "\"code\":\"no_model\"}}");
    }
}
