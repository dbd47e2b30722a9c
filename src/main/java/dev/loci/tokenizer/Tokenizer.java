package dev.loci.tokenizer;

import java.nio.file.Path;

/// Text to ids and back, as a model's `tokenizer.json` says. Thread-safe.
public final class Tokenizer implements AutoCloseable {
    /// @throws TokenizerException where the file cannot be read as a tokenizer
    public static Tokenizer open(Path file) {
        throw new UnsupportedOperationException("open");
    }

    /// Ids of a text in which special tokens are recognised.
    /// @param addSpecialTokens whether the tokenizer's own frame (such as a first token) is added
    public int[] encode(String text, boolean addSpecialTokens) {
        throw new UnsupportedOperationException("encode");
    }

    /// Ids of a text that never becomes a special token.
    public int[] encodePlain(String text) {
        throw new UnsupportedOperationException("encodePlain");
    }

    /// Text of ids; special tokens have none unless `keepSpecial`.
    public String decode(int[] ids, boolean keepSpecial) {
        throw new UnsupportedOperationException("decode");
    }

    /// The bytes that an id stands for; they may be part of a character.
    public byte[] bytes(int id) {
        throw new UnsupportedOperationException("bytes");
    }

    public boolean isSpecial(int id) {
        throw new UnsupportedOperationException("isSpecial");
    }

    /// One more than the largest id.
    public int size() {
        throw new UnsupportedOperationException("size");
    }

    /// A decoder for one stream.
    public StreamingDecoder streamingDecoder() {
        throw new UnsupportedOperationException("streamingDecoder");
    }

    @Override
    public void close() {}
}
