package dev.loci.tokenizer;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Texts of the tokens whose bytes are whole characters, which most are; each is made when it is first asked for, so
/// that a token that comes again costs nothing. Thread-safe.
final class WholeTexts {
    private final Tokenizer tokenizer;
    private final AtomicReferenceArray<Optional<String>> texts;

    WholeTexts(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
        this.texts = new AtomicReferenceArray<>(tokenizer.size());
    }

    /// Text of a token of a vocabulary of bytes; empty where it is a part of a character, or no token.
    Optional<String> of(int id) {
        if (id < 0 || id >= texts.length()) {
            return Optional.empty();
        }
        Optional<String> text = texts.get(id);
        if (text == null) { // not asked for before
            text = decode(tokenizer.bytes(id));
            texts.set(id, text);
        }
        return text;
    }

    private static Optional<String> decode(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }
}
