package dev.loci.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Decoder for vocabularies of bytes: holds back the start of a character (at most 3 bytes) and nothing else, so a
/// U+FFFD that stands in the text leaves at once, and broken bytes cannot pile up.
final class ByteLevelDecoder implements StreamingDecoder {
    private static final byte SURROGATE_LEAD = (byte) 0xED;
    private static final byte NEVER_UTF8 = (byte) 0xFF;

    private final Tokenizer tokenizer;
    private final CharsetDecoder utf8 = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] held = {};

    ByteLevelDecoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    @Override
    public String push(int id) {
        if (tokenizer.isSpecial(id)) {
            return "";
        }
        if (held.length == 0) {
            Optional<String> whole = tokenizer.wholeTexts().of(id);
            if (whole.isPresent()) {
                return whole.get();
            }
        }
        return decode(tokenizer.bytes(id), false);
    }

    @Override
    public String finish() {
        return decode(new byte[0], true);
    }

    private String decode(byte[] bytes, boolean last) {
        ByteBuffer in = ByteBuffer.allocate(held.length + bytes.length)
                .put(held)
                .put(bytes)
                .flip();
        breakSurrogates(in);
        // a byte gives one char at most
        CharBuffer out = CharBuffer.allocate(in.remaining());
        utf8.decode(in, out, last);
        held = new byte[in.remaining()];
        in.get(held);
        return out.flip().toString();
    }

    /// Three bytes of a surrogate are one mistake to the JDK and three to the native decoder, which says what is right.
    private static void breakSurrogates(ByteBuffer bytes) {
        for (int i = 0; i + 1 < bytes.limit(); i++) {
            if (bytes.get(i) == SURROGATE_LEAD && (bytes.get(i + 1) & 0xE0) == 0xA0) {
                bytes.put(i, NEVER_UTF8);
            }
        }
    }
}
