package dev.loci.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;

/// A hidden directory `.NAME.importing-PID` beside the target, which becomes the target in one step or is deleted: at
/// [#close], at
/// the end of the process, or, after a kill, by the next import to the same target.
final class StagingDirectory implements AutoCloseable {
    private static final String INFIX = ".importing-";

    private final Path target;
    private final Path path;
    private final Thread atExit = new Thread(this::delete, "loci-staging-cleanup");
    private boolean ended;

    private StagingDirectory(Path target, Path path) {
        this.target = target;
        this.path = path;
    }

    static StagingDirectory open(Path out) {
        Path target = out.toAbsolutePath().normalize();
        Path parent = target.getParent();
        if (parent == null || Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw taken(out);
        }
        String prefix = "." + target.getFileName() + INFIX;
        try {
            Files.createDirectories(parent);
            deleteLeftovers(parent, prefix);
            Path path = parent.resolve(prefix + ProcessHandle.current().pid());
            StagingDirectory staging = new StagingDirectory(target, Files.createDirectory(path));
            Runtime.getRuntime().addShutdownHook(staging.atExit);
            return staging;
        } catch (FileAlreadyExistsException e) {
            throw StoreException.of(out.toString(), "import", "one at a time", "another in " + e.getFile());
        } catch (IOException e) {
            throw StoreException.of(out.toString(), "output", "a place to write to", e.toString());
        }
    }

    private static StoreException taken(Path out) {
        return StoreException.of(out.toString(), "output", "a name that is free", "one that exists");
    }

    private static void deleteLeftovers(Path parent, String prefix) throws IOException {
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(
                parent, sibling -> sibling.getFileName().toString().startsWith(prefix))) {
            for (Path sibling : siblings) {
                String pid = sibling.getFileName().toString().substring(prefix.length());
                if (pid.matches("[0-9]{1,18}") && !isOfRunning(Long.parseLong(pid), sibling)) {
                    deleteAll(sibling);
                }
            }
        }
    }

    /// Numbers of processes come again, in containers the same one each time: a directory that was written to before
    /// the process began is another's.
    private static boolean isOfRunning(long pid, Path directory) throws IOException {
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        if (process.isEmpty()) {
            return false;
        }
        Instant written = Files.getLastModifiedTime(directory).toInstant();
        return process.get().info().startInstant().map(written::isAfter).orElse(true);
    }

    Path path() {
        return path;
    }

    /// Makes the directory the target.
    synchronized void publish() throws IOException {
        if (ended) {
            throw StoreException.of(target.toString(), "import", "a running process", "one that ends");
        }
        sync(path);
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw taken(target);
        }
        Files.move(path, target, StandardCopyOption.ATOMIC_MOVE);
        ended = true;
        sync(target.getParent());
    }

    private static void sync(Path dir) throws IOException {
        try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /// Deletes the directory unless it was published.
    @Override
    public void close() {
        delete();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The process ends and the hook runs: it finds nothing left to do.
            return;
        }
    }

    private synchronized void delete() {
        if (ended) {
            return;
        }
        ended = true;
        try {
            deleteAll(path);
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be deleted", e);
        }
    }

    private static void deleteAll(Path dir) throws IOException {
        // The writer may create one more file between the listing and the end of the directory.
        for (int tries = 0; ; tries++) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(dir)) {
                for (Path file : files) {
                    Files.deleteIfExists(file);
                }
            } catch (NoSuchFileException e) {
                return;
            }
            try {
                Files.deleteIfExists(dir);
                return;
            } catch (DirectoryNotEmptyException e) {
                if (tries == 100) {
                    throw e;
                }
            }
        }
    }
}
