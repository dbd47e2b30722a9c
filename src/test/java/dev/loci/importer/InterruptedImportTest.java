package dev.loci.importer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.kernel.RowType;
import dev.loci.store.ProgressListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a process half-way through an import.
final class InterruptedImportTest {
    private static final long HALF = 600_000;

    @TempDir
    private Path temp;

    private static ImportOptions options(Path out) {
        return new ImportOptions(
                List.of(GoldenCheckpoint.weights("ultramem-v1")),
                GoldenCheckpoint.config("ultramem-v1"),
                GoldenCheckpoint.TOKENIZER,
                Optional.empty(),
                List.of(),
                out,
                Optional.empty(),
                Optional.of(RowType.F32));
    }

    /// The child: imports, says when it is half-way, and goes no further.
    static final class Child {
        private Child() {}

        public static void main(String[] args) {
            UltraMemImport.run(options(Path.of(args[0])), (done, total) -> {
                if (done > HALF) {
                    System.out.println("half-way");
                    await();
                }
            });
        }

        private static void await() {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Process childHalfWay(Path out) throws IOException {
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        out.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(child.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("half-way");
        return child;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> paths = Files.list(temp)) {
            return paths.map(path -> path.getFileName().toString()).toList();
        }
    }

    @Test
    void akilledImportLeavesNothingThatLooksLikeAModel() throws Exception {
        Path out = temp.resolve("model");
        Process child = childHalfWay(out);
        child.destroyForcibly().waitFor();
        assertThat(names()).containsExactly(".model.importing-" + child.pid());
        assertThat(temp.resolve(names().getFirst())).isDirectoryNotContaining("glob:**manifest.json");
        UltraMemImport.run(options(out), ProgressListener.NONE);
        assertThat(names()).containsExactly("model");
    }

    @Test
    void aTerminatedImportLeavesNothing() throws Exception {
        Process child = childHalfWay(temp.resolve("model"));
        child.destroy();
        child.waitFor();
        assertThat(temp).isEmptyDirectory();
    }
}
