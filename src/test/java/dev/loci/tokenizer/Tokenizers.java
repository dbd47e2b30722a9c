package dev.loci.tokenizer;

import java.nio.file.Path;

/// Opens the tokenizers of the test resources.
final class Tokenizers {
    private static final Path DIRECTORY = Path.of("src/test/resources/tokenizer");

    private Tokenizers() {}

    static Tokenizer bytes() {
        return Tokenizer.open(DIRECTORY.resolve("bytes.json"));
    }

    static Tokenizer lociMini() {
        return Tokenizer.open(DIRECTORY.resolve("loci-mini.json"));
    }

    static Tokenizer byteFallback() {
        return Tokenizer.open(DIRECTORY.resolve("byte-fallback.json"));
    }
}
