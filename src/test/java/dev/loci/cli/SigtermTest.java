package dev.loci.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.loci.app.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;

final class SigtermTest {
    @Nested
    final class Packaged extends Sigterm {
        @Override
        Program program() throws IOException {
            Program packaged = Program.packaged();
            assumeTrue(
                    Files.getLastModifiedTime(Path.of("target/quarkus-app/quarkus-run.jar"))
                                    .compareTo(newest(Path.of("target/classes")))
                            >= 0,
                    "the packaged server is older than the classes: mvn -Dquick -DskipTests package makes it anew");
            return packaged;
        }
    }

    @Nested
    final class Executable extends Sigterm {
        @Override
        Program program() {
            return Program.executable();
        }
    }

    private static FileTime newest(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(SigtermTest::modified)
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new AssertionError(file.toString(), e);
        }
    }
}
