package dev.loci.telemetry;

import dev.loci.app.RunningExecutable;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The native executable exports what the server on a JVM does.
final class ExecutableTelemetryTest {
    private static OtlpReceiver receiver(String protocol) {
        OtlpReceiver receiver = new OtlpReceiver();
        receiver.init(Map.of(OtlpReceiver.PROTOCOL, protocol));
        return receiver;
    }

    @Nested
    final class Http extends ExportedTelemetry {
        private static final OtlpReceiver RECEIVER = receiver("http/protobuf");

        @RegisterExtension
        static final RunningExecutable EXECUTABLE = new RunningExecutable("executable-otlp-http", RECEIVER::start);

        @AfterAll
        static void stopReceiver() {
            RECEIVER.stop();
        }

        @Override
        URI server() {
            return EXECUTABLE.uri("/");
        }
    }

    @Nested
    final class Grpc extends ExportedTelemetry {
        private static final OtlpReceiver RECEIVER = receiver("grpc");

        @RegisterExtension
        static final RunningExecutable EXECUTABLE = new RunningExecutable("executable-otlp-grpc", RECEIVER::start);

        @AfterAll
        static void stopReceiver() {
            RECEIVER.stop();
        }

        @Override
        URI server() {
            return EXECUTABLE.uri("/");
        }
    }
}
