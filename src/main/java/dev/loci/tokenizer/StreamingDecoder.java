package dev.loci.tokenizer;

/// Text of one stream of ids, never cut inside a character. Used by one thread.
public final class StreamingDecoder {
    StreamingDecoder() {}

    /// Text that the id completes; empty while a character is incomplete, and for special tokens.
    public String push(int id) {
        throw new UnsupportedOperationException("push");
    }

    /// Text of what was held back: bytes that never became a character give U+FFFD.
    public String finish() {
        throw new UnsupportedOperationException("finish");
    }
}
