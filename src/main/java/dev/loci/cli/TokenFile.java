package dev.loci.cli;

import dev.loci.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file of ids, or of text that a tokenizer makes ids of.
final class TokenFile {
    private static final String IDS = ".u16";

    private TokenFile() {}

    /// Ids of a file: two little-endian bytes each in `*.u16`; any other file is UTF-8 text.
    /// @param vocabSize ids lie below it
    static int[] read(Path file, Tokenizer tokenizer, int vocabSize) throws IOException {
        int[] ids = file.toString().endsWith(IDS) ? ids(file) : tokenizer.encode(text(file), false);
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] >= vocabSize) {
                throw CliException.of(file + " @ token " + i, "id", "below " + vocabSize, Integer.toString(ids[i]));
            }
        }
        return ids;
    }

    private static int[] ids(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() % Short.BYTES != 0) {
            throw CliException.of(file.toString(), "bytes", "an even number", Integer.toString(bytes.remaining()));
        }
        int[] ids = new int[bytes.remaining() / Short.BYTES];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Short.toUnsignedInt(bytes.getShort());
        }
        return ids;
    }

    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException _) {
            throw CliException.of(file.toString(), "text", "UTF-8", "other bytes");
        }
    }
}
