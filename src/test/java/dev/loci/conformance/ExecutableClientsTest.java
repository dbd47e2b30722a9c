package dev.loci.conformance;

import dev.loci.app.RunningExecutable;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Clients of others, of the native executable.
final class ExecutableClientsTest {
    @Nested
    final class OpenAi extends OpenAiJava {
        @RegisterExtension
        static final RunningExecutable EXECUTABLE = new RunningExecutable("executable-openai-java", Map::of);

        @Override
        URI server() {
            return EXECUTABLE.uri("/v1");
        }
    }

    @Nested
    final class LangChain extends LangChain4j {
        @RegisterExtension
        static final RunningExecutable EXECUTABLE = new RunningExecutable("executable-langchain4j", Map::of);

        @Override
        URI server() {
            return EXECUTABLE.uri("/v1");
        }
    }
}
