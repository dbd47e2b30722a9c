package dev.loci.importer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Small text files that come with a checkpoint.
final class SourceText {
    private SourceText() {}

    static String read(Path path) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw ImportException.of(path.toString(), "text", "UTF-8", "other bytes");
        } catch (NoSuchFileException e) {
            throw ImportException.of(path.toString(), "file", "a readable file", "no such file");
        } catch (IOException e) {
            throw ImportException.of(path.toString(), "file", "a readable file", e.toString());
        }
    }
}
