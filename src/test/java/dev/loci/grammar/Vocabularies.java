package dev.loci.grammar;

import dev.loci.tokenizer.Tokenizer;
import java.nio.file.Path;

/// Vocabularies for tests.
final class Vocabularies {
    /// The first ids of the default model: special ones, all bytes, and pieces of more.
    static final Vocabulary SMALL;
    static final int END = 0;

    static {
        try (Tokenizer tokenizer = Tokenizer.open(Path.of("model-store/loci-mini/tokenizer.json"))) {
            SMALL = Vocabulary.of(tokenizer, 2000, END);
        }
    }

    private Vocabularies() {}
}
