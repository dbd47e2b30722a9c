package dev.loci.app;

import static dev.loci.app.Posts.post;
import static dev.loci.app.Posts.tree;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.config.LociConfig;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// A file of the model that is cut off while requests run ends them, and not the process.
@QuarkusTest
@WithTestResource(
        value = GoldenDirectory.class,
        scope = TestResourceScope.RESTRICTED_TO_CLASS,
        initArgs = @ResourceArg(name = GoldenDirectory.NAME, value = "ultramem-v1"))
final class ShrunkenFileTest {
    private static final String REASON = "a file of the model shrank while it was mapped: restart after restoring it";
    private static final int CLIENTS = 4;

    @Inject
    LociConfig config;

    @Test
    void endsRequestsWith503AndTakesReadinessAway() throws Exception {
        assertThat(given().get("/q/health/ready").statusCode()).isEqualTo(200);
        CountDownLatch answered = new CountDownLatch(CLIENTS);
        List<Response> refusals = new ArrayList<>();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Response>> results = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                boolean stream = i % 2 == 0;
                results.add(clients.submit(() -> untilRefused(stream, answered)));
            }
            assertThat(answered.await(60, TimeUnit.SECONDS)).isTrue();
            truncate(Path.of(config.model(), "values-0000.safetensors"));
            truncate(Path.of(config.model(), "model.safetensors"));
            for (Future<Response> result : results) {
                refusals.add(result.get());
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        }
        assertThat(refusals).allSatisfy(ShrunkenFileTest::assertDamaged);
        assertDamaged(complete(true));
        Response ready = given().get("/q/health/ready");
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.jsonPath().getString("checks[0].data.reason")).isEqualTo(REASON);
        assertThat(given().get("/q/health/live").statusCode()).isEqualTo(200);
    }

    private static Response untilRefused(boolean stream, CountDownLatch answered) {
        while (true) {
            Response response = complete(stream);
            if (response.statusCode() != 200) {
                return response;
            }
            answered.countDown();
        }
    }

    private static Response complete(boolean stream) {
        return post(
                "/v1/completions",
                "{\"prompt\":\"abc\",\"max_tokens\":16,\"ignore_eos\":true,\"stream\":" + stream + "}");
    }

    private static void truncate(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
    }

    private static void assertDamaged(Response response) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(503);
        assertThat(tree(response).at("/error/message").textValue()).endsWith(REASON);
        assertThat(tree(response).at("/error/type").textValue()).isEqualTo("service_unavailable_error");
        assertThat(tree(response).at("/error/code").textValue()).isEqualTo("damaged");
    }
}
