package dev.loci.app;

import dev.loci.api.openai.ApiKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// API keys in a file: one a line; empty lines and what follows a `#` at a line's start or behind white space count
/// for nothing. Read again whenever the file is another. A file that cannot be used then leaves the last keys in force,
/// which is told once, since a writer may be in the middle of it. Thread-safe.
final class KeyFile {
    /// What differs when a file was written or replaced, through a link too.
    private record Version(FileTime modified, long bytes, String identity) {
        static final Version NONE = new Version(FileTime.fromMillis(0), -1, "");

        static Version of(Path file) throws IOException {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Version(attributes.lastModifiedTime(), attributes.size(), String.valueOf(attributes.fileKey()));
        }
    }

    private record Read(Version version, ApiKeys keys) {}

    private static final long MAX_BYTES = 1 << 20;

    private final Path path;
    private final Consumer<String> warnings;
    private volatile Read last;

    private KeyFile(Path path, Consumer<String> warnings, Read first) {
        this.path = path;
        this.warnings = warnings;
        this.last = first;
    }

    /// @param warnings told why a changed file is not used
    /// @throws IOException              where it cannot be read
    /// @throws IllegalArgumentException where it has no keys, or lines that are none
    static KeyFile open(Path path, Consumer<String> warnings) throws IOException {
        Version version = Version.of(path);
        return new KeyFile(path, warnings, new Read(version, read(path)));
    }

    ApiKeys current() {
        Version now = version();
        if (!now.equals(last.version())) {
            reread(now);
        }
        return last.keys();
    }

    private Version version() {
        try {
            return Version.of(path);
        } catch (IOException e) {
            // gone, or out of reach: the last keys hold, which is told when it is first seen
            return Version.NONE;
        }
    }

    private synchronized void reread(Version now) {
        if (now.equals(last.version())) {
            return;
        }
        ApiKeys keys = last.keys();
        try {
            keys = read(path);
        } catch (IOException | IllegalArgumentException e) {
            warnings.accept(path + ", API keys: expected one a line, found "
                    + (e instanceof IOException ? "no file that can be read" : e.getMessage())
                    + "; those that were read before still hold");
        }
        last = new Read(now, keys);
    }

    private static ApiKeys read(Path path) throws IOException {
        long bytes = Files.size(path);
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException("bytes: expected at most " + MAX_BYTES + ", found " + bytes);
        }
        List<String> keys = new ArrayList<>();
        for (String line : Files.readAllLines(path)) {
            String key = line.replaceFirst("(^|\\s)#.*", "").strip();
            if (!key.isEmpty()) {
                keys.add(key);
            }
        }
        return ApiKeys.of(keys);
    }
}
