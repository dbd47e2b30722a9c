package dev.loci.tokenizer;

import java.util.Arrays;

/// Decoder for any other vocabulary, by the native decoder: what a token adds to the text of the few before it, which
/// decide on blanks. A token is held back while the bytes at the end are the start of a character, not while the text
/// ends in U+FFFD: that character may stand in the text itself.
final class PrefixDecoder implements StreamingDecoder {
    /// Byte tokens hold one byte each, so that more than 3 are never the start of one character.
    private static final int MAX_HELD = 3;

    private final Tokenizer tokenizer;
    /// Ids whose text has left (`shown` of them), then ids held back.
    private int[] window = {};

    private int shown;

    PrefixDecoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    @Override
    public String push(int id) {
        if (tokenizer.isSpecial(id)) {
            return "";
        }
        window = Arrays.copyOf(window, window.length + 1);
        window[window.length - 1] = id;
        return window.length - shown <= MAX_HELD && endsInsideCharacter() ? "" : show();
    }

    @Override
    public String finish() {
        return window.length == shown ? "" : show();
    }

    private String show() {
        String before = tokenizer.decode(Arrays.copyOf(window, shown), false);
        String all = tokenizer.decode(window, false);
        String added = all.substring(Math.min(before.length(), all.length()));
        window = Arrays.copyOfRange(window, shown, window.length);
        shown = window.length;
        return added;
    }

    private boolean endsInsideCharacter() {
        int missing = 0;
        for (int i = shown; i < window.length; i++) {
            for (byte b : tokenizer.bytes(window[i])) {
                boolean continuation = (b & 0xC0) == 0x80;
                missing = continuation ? Math.max(0, missing - 1) : following(b);
            }
        }
        return missing > 0;
    }

    /// How many bytes follow a first byte of UTF-8.
    private static int following(byte first) {
        int b = Byte.toUnsignedInt(first);
        return b < 0xC0 ? 0 : b < 0xE0 ? 1 : b < 0xF0 ? 2 : b < 0xF8 ? 3 : 0;
    }
}
