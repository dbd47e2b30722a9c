package dev.loci.tokenizer;

/// Text of one stream of ids, never cut inside a character. Used by one thread; the work for an id does not grow with
/// the
/// stream.
public sealed interface StreamingDecoder permits ByteLevelDecoder, PrefixDecoder {
    /// Text that the id completes; empty while a character is incomplete, and for special tokens.
    String push(int id);

    /// Text of what was held back: bytes that never became a character give U+FFFD. Nothing may be pushed after it.
    String finish();
}
