package dev.loci.telemetry;

import dev.loci.app.Program;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/// The native executable exports what the server on a JVM does.
final class ExecutableTelemetryTest {
    /// An executable and the receiver that it sends to.
    private record Exporting(OtlpReceiver receiver, Program.Server executable) {
        static Exporting start(String name, String protocol) throws IOException {
            Program program = Program.executable();
            OtlpReceiver receiver = new OtlpReceiver();
            receiver.init(Map.of(OtlpReceiver.PROTOCOL, protocol));
            return new Exporting(receiver, program.serve(name, receiver.start()));
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + executable.port() + "/");
        }

        void stop() {
            executable.close();
            receiver.stop();
        }
    }

    @Nested
    final class Http extends ExportedTelemetry {
        private static Exporting exporting;

        @BeforeAll
        static void start() throws IOException {
            exporting = Exporting.start("executable-otlp-http", "http/protobuf");
        }

        @AfterAll
        static void stop() {
            if (exporting != null) {
                exporting.stop();
            }
        }

        @Override
        URI server() {
            return exporting.uri();
        }
    }

    @Nested
    final class Grpc extends ExportedTelemetry {
        private static Exporting exporting;

        @BeforeAll
        static void start() throws IOException {
            exporting = Exporting.start("executable-otlp-grpc", "grpc");
        }

        @AfterAll
        static void stop() {
            if (exporting != null) {
                exporting.stop();
            }
        }

        @Override
        URI server() {
            return exporting.uri();
        }
    }
}
