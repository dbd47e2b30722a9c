package dev.loci.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.http.HttpServer;
import io.quarkus.vertx.http.HttpServerStart;
import io.restassured.RestAssured;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

@QuarkusTest
final class StartLineTest {
    @Inject
    ModelLifecycle model;

    @Inject
    HttpServer server;

    @Test
    void namesThePortThatZeroBecame() {
        List<String> lines = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("dev.loci");
        logger.addHandler(handler);
        try {
            model.listening(new HttpServerStart(new HttpServerOptions().setPort(-1)), server);
        } finally {
            logger.removeHandler(handler);
        }
        assertThat(lines)
                .singleElement()
                .asString()
                .startsWith("model loci-mini, kernels ")
                .endsWith(", listening on http://localhost:" + RestAssured.port + "/");
    }
}
