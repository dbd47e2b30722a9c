package dev.loci.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What Loci itself reads of a `tokenizer.json`; the rest is the native library's.
/// @param pieces     text of each id as the file writes it; null where an id is unused
/// @param added      tokens found before all others
/// @param byteLevel  whether pieces are written in the [ByteAlphabet]
/// @param recognising the file without truncation and padding
/// @param plain      the same without added tokens: no text gives one
@SuppressWarnings("ArrayRecordComponent") // looked up by id; nobody compares files
record TokenizerFile(String[] pieces, List<AddedToken> added, boolean byteLevel, String recognising, String plain) {
    /// Put before a piece that no text may give.
    private static final String UNREACHABLE = "\uFFFF";

    private static final int MAX_ID = 1 << 24;

    TokenizerFile {
        added = List.copyOf(added);
    }

    static TokenizerFile read(Path path) {
        ObjectMapper mapper = new ObjectMapper();
        try {
            JsonNode tree = mapper.readTree(Files.readAllBytes(path));
            if (!(tree instanceof ObjectNode root) || !(root.get("model") instanceof ObjectNode model)) {
                throw TokenizerException.of(path.toString(), "model", "an object", "none");
            }
            root.putNull("truncation");
            root.putNull("padding");
            List<AddedToken> added = added(path, root.path("added_tokens"));
            String[] pieces = pieces(path, model.path("vocab"), added);
            String recognising = mapper.writeValueAsString(root);
            hide(model, added);
            root.set("added_tokens", mapper.createArrayNode());
            return new TokenizerFile(
                    pieces, added, byteLevel(root.path("decoder")), recognising, mapper.writeValueAsString(root));
        } catch (JsonProcessingException e) {
            throw TokenizerException.of(path.toString(), "content", "JSON", e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw TokenizerException.of(path.toString(), "file", "a readable file", e.toString(), e);
        }
    }

    private static List<AddedToken> added(Path path, JsonNode nodes) {
        List<AddedToken> added = new ArrayList<>();
        for (JsonNode node : nodes) {
            String content = node.path("content").asText("");
            JsonNode id = node.path("id");
            if (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() > MAX_ID || content.isEmpty()) {
                throw TokenizerException.of(
                        path.toString(), "added_tokens", "an id in 0.." + MAX_ID + " with a content", node.toString());
            }
            added.add(new AddedToken(
                    id.intValue(),
                    content,
                    node.path("special").asBoolean(),
                    node.path("lstrip").asBoolean(),
                    node.path("rstrip").asBoolean()));
        }
        return added;
    }

    private static String[] pieces(Path path, JsonNode vocab, List<AddedToken> added) {
        String[] pieces = new String[1024];
        int size = 0;
        if (vocab instanceof ArrayNode scored) {
            for (JsonNode piece : scored) {
                pieces = put(path, pieces, size++, piece.path(0).asText());
            }
        } else {
            for (Map.Entry<String, JsonNode> entry : vocab.properties()) {
                int id = entry.getValue().asInt(-1);
                pieces = put(path, pieces, id, entry.getKey());
                size = Math.max(size, id + 1);
            }
        }
        for (AddedToken token : added) {
            pieces = put(path, pieces, token.id(), token.content());
            size = Math.max(size, token.id() + 1);
        }
        if (size == 0) {
            throw TokenizerException.of(path.toString(), "model.vocab", "at least 1 token", "0");
        }
        return Arrays.copyOf(pieces, size);
    }

    private static String[] put(Path path, String[] pieces, int id, String piece) {
        if (id < 0 || id > MAX_ID) {
            throw TokenizerException.of(path.toString(), "model.vocab", "ids in 0.." + MAX_ID, piece + ": " + id);
        }
        String[] room = id < pieces.length ? pieces : Arrays.copyOf(pieces, Math.max(id + 1, 2 * pieces.length));
        room[id] = piece;
        return room;
    }

    /// Renames added tokens inside the vocabulary: some models look whole words up in it, added token or not.
    private static void hide(ObjectNode model, List<AddedToken> added) {
        Set<String> contents = new HashSet<>();
        added.forEach(token -> contents.add(token.content()));
        if (model.get("vocab") instanceof ArrayNode scored) {
            for (JsonNode piece : scored) {
                if (piece instanceof ArrayNode pair
                        && contents.contains(pair.path(0).asText())) {
                    pair.set(0, UNREACHABLE + pair.path(0).asText());
                }
            }
        } else if (model.get("vocab") instanceof ObjectNode vocab) {
            for (String content : contents) {
                JsonNode id = vocab.remove(content);
                if (id != null) {
                    vocab.set(UNREACHABLE + content, id);
                }
            }
        }
        if (contents.contains(model.path("unk_token").asText())) {
            model.put("unk_token", UNREACHABLE + model.path("unk_token").asText());
        }
    }

    private static boolean byteLevel(JsonNode decoder) {
        JsonNode only =
                decoder.path("decoders").size() == 1 ? decoder.path("decoders").path(0) : decoder;
        return only.path("type").asText().equals("ByteLevel");
    }
}
