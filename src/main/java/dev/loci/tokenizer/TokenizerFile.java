package dev.loci.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What Loci itself reads of a `tokenizer.json`; the rest is the native library's.
/// @param pieces     text of each id as the file writes it; null where an id is unused
/// @param added      tokens found before all others
/// @param byteLevel  whether pieces are written in the [ByteAlphabet]
/// @param recognising the file without truncation and padding
/// @param plain      the same without added tokens: no text gives one
@SuppressWarnings("ArrayRecordComponent") // looked up by id; nobody compares files
record TokenizerFile(String[] pieces, List<AddedToken> added, boolean byteLevel, String recognising, String plain) {
    TokenizerFile {
        added = List.copyOf(added);
    }

    static TokenizerFile read(Path path) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path));
            return TokenizerReader.read(
                    path.toString(), StandardCharsets.UTF_8.newDecoder().decode(bytes));
        } catch (CharacterCodingException e) {
            throw TokenizerException.of(path.toString(), "content", "UTF-8", e.getMessage(), e);
        } catch (JsonProcessingException e) {
            throw TokenizerException.of(path.toString(), "content", "JSON", e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw TokenizerException.of(path.toString(), "file", "a readable file", e.toString(), e);
        }
    }
}
