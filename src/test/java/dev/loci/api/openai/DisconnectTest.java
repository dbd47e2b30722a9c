package dev.loci.api.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.GenerationEvent;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@QuarkusTest
@TestProfile(FakeModel.Profile.class)
final class DisconnectTest {
    private static final int WAIT_SECONDS = 20;

    @Inject
    FakeModel model;

    @TestHTTPResource("/")
    URI server;

    @AfterEach
    void reset() {
        model.generator().playAnswer();
    }

    private Socket post(String body) throws IOException {
        Socket socket = new Socket(server.getHost(), server.getPort());
        String head =
                "POST /v1/completions HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: "
                        + body.length() + "\r\n\r\n";
        socket.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    /// @param reset whether the client breaks the connection off instead of closing it
    @ParameterizedTest
    @CsvSource({"true,true", "true,false", "false,true", "false,false"})
    void aClientThatGoesAwayEndsItsGenerations(boolean stream, boolean reset) throws Exception {
        CountDownLatch submitted = new CountDownLatch(2);
        CountDownLatch cancelled = new CountDownLatch(2);
        model.generator().play((request, sink) -> {
            sink.accept(new GenerationEvent.Token(20, "0", Optional.empty()));
            submitted.countDown();
            return cancelled::countDown;
        });
        try (Socket socket = post("{\"model\":\"loci-mini\",\"prompt\":[\"a\",\"b\"],\"stream\":" + stream + "}")) {
            assertThat(submitted.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            if (stream) {
                assertThat(firstLine(socket.getInputStream())).isEqualTo("HTTP/1.1 200 OK");
            }
            if (reset) {
                socket.setSoLinger(true, 0);
            }
        }
        assertThat(cancelled.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    private static String firstLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\r' && c >= 0; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    @Test
    void eventsLeaveAsTheyCome() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        model.generator().play((request, sink) -> {
            sink.accept(new GenerationEvent.Token(20, "first", Optional.empty()));
            Thread.ofVirtual().start(() -> {
                try {
                    seen.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                sink.accept(new GenerationEvent.Finished(GenerationEvent.Reason.STOP, "last", 1, 2, Optional.empty()));
            });
            return () -> {};
        });
        try (Socket socket = post("{\"model\":\"loci-mini\",\"prompt\":\"a\",\"stream\":true}")) {
            socket.setSoTimeout(WAIT_SECONDS * 1000);
            readUntil(socket.getInputStream(), "\"text\":\"first\"");
            seen.countDown();
            readUntil(socket.getInputStream(), "\"text\":\"last\"");
            readUntil(socket.getInputStream(), "data: [DONE]\n\n");
        }
    }

    private static void readUntil(InputStream in, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int c = in.read();
            assertThat(c).as("%s", read).isNotNegative();
            read.append((char) c);
        }
    }
}
