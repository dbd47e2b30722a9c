package dev.loci.api.openai;

import java.util.Optional;

/// Where the API finds what it serves. Thread-safe.
public interface ModelSource {
    /// Empty while nothing can answer.
    Optional<ServedModel> current();
}
