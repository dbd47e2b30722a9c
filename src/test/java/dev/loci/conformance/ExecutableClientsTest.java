package dev.loci.conformance;

import dev.loci.app.Program;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/// Clients of others, of the native executable.
final class ExecutableClientsTest {
    @Nested
    final class OpenAi extends OpenAiJava {
        private static Program.Server executable;

        @BeforeAll
        static void start() throws IOException {
            executable = Program.executable().serve("executable-openai-java", Map.of());
        }

        @AfterAll
        static void stop() {
            if (executable != null) {
                executable.close();
            }
        }

        @Override
        URI server() {
            return URI.create("http://127.0.0.1:" + executable.port() + "/v1");
        }
    }

    @Nested
    final class LangChain extends LangChain4j {
        private static Program.Server executable;

        @BeforeAll
        static void start() throws IOException {
            executable = Program.executable().serve("executable-langchain4j", Map.of());
        }

        @AfterAll
        static void stop() {
            if (executable != null) {
                executable.close();
            }
        }

        @Override
        URI server() {
            return URI.create("http://127.0.0.1:" + executable.port() + "/v1");
        }
    }
}
