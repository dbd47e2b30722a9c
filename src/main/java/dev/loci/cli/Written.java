package dev.loci.cli;

import dev.loci.store.ProgressListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// Work that writes a model directory, with its progress and a last line that says what was written.
final class Written {
    private Written() {}

    /// Does the work and says what it wrote.
    /// @return the exit code
    static int report(Streams streams, String what, Path out, Consumer<ProgressListener> work) {
        double seconds;
        try (ProgressLine progress = new ProgressLine(streams, what)) {
            work.accept(progress);
            seconds = progress.seconds();
        }
        streams.out()
                .println(out + ": " + Sizes.bytes(bytes(out)) + " written in " + Sizes.decimals(seconds, 1) + " s");
        return 0;
    }

    private static long bytes(Path dir) {
        try (Stream<Path> files = Files.list(dir)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
