package dev.loci.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The alphabet in which byte-level tokenizers write bytes: printable Latin-1 stands for itself, every other byte, in
/// order, for a character from U+0100 on.
final class ByteAlphabet {
    private static final int FIRST_STAND_IN = 0x100;
    private static final int[] BYTE_OF = bytesByCharacter();

    private ByteAlphabet() {}

    private static int[] bytesByCharacter() {
        int[] bytes = new int[2 * FIRST_STAND_IN];
        Arrays.fill(bytes, -1);
        int standIn = FIRST_STAND_IN;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            bytes[printable ? b : standIn++] = b;
        }
        return bytes;
    }

    /// Bytes of a token's text; a text with a character outside the alphabet stands for its own UTF-8.
    static byte[] bytes(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= BYTE_OF.length || BYTE_OF[c] < 0) {
                return text.getBytes(StandardCharsets.UTF_8);
            }
            bytes.write(BYTE_OF[c]);
        }
        return bytes.toByteArray();
    }
}
