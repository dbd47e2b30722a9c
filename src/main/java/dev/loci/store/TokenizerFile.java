package dev.loci.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.loci.tensor.JsonFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a model directory asks of a tokenizer.json.
public final class TokenizerFile {
    public static final String FILE = "tokenizer.json";

    private TokenizerFile() {}

    /// Refuses a tokenizer that is not JSON, has no ids, or has an id that is not below `vocabSize`.
    public static void check(Path path, int vocabSize, JsonFields.Refusal refusal) {
        String where = path.getFileName().toString();
        long ids = ids(where, read(path, refusal), refusal);
        if (ids < 1 || ids > vocabSize) {
            throw refusal.of(where, "ids", "1 to " + vocabSize + " (vocab_size)", Long.toString(ids));
        }
    }

    private static JsonNode read(Path path, JsonFields.Refusal refusal) {
        String where = path.getFileName().toString();
        try {
            return JsonMapper.builder().build().readTree(Files.readAllBytes(path));
        } catch (JsonProcessingException e) {
            String found = e.getOriginalMessage().replaceAll("\\s+", " ");
            throw refusal.of(where, "text", "JSON", found);
        } catch (IOException e) {
            throw refusal.of(path.toString(), "file", "a readable file", e.toString());
        }
    }

    /// The largest id and 1.
    private static long ids(String where, JsonNode root, JsonFields.Refusal refusal) {
        JsonNode vocab = root.path("model").path("vocab");
        if (!vocab.isContainerNode()) {
            throw refusal.of(
                    where, "model.vocab", "tokens and their ids", vocab.isMissingNode() ? "no such key" : "none");
        }
        long ids = 0;
        if (vocab.isArray()) {
            ids = vocab.size();
        } else {
            for (JsonNode id : vocab) {
                ids = Math.max(ids, next(where, "model.vocab", id, refusal));
            }
        }
        for (JsonNode token : root.path("added_tokens")) {
            ids = Math.max(ids, next(where, "added_tokens", token.path("id"), refusal));
        }
        return ids;
    }

    private static long next(String where, String what, JsonNode id, JsonFields.Refusal refusal) {
        if (!id.isInt() || id.intValue() < 0) {
            throw refusal.of(where, what, "ids from 0 on", id.isMissingNode() ? "none" : id.toString());
        }
        return id.intValue() + 1L;
    }
}
