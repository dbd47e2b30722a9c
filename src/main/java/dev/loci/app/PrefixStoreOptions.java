package dev.loci.app;

import java.nio.file.Path;
import java.util.Objects;

/// Where pages of common prompts survive a restart.
/// @param folder   of the store's files
/// @param maxBytes of one file at most
public record PrefixStoreOptions(Path folder, long maxBytes) {
    public PrefixStoreOptions {
        Objects.requireNonNull(folder, "folder");
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes: expected at least 1, found " + maxBytes);
        }
    }
}
