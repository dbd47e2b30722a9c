package dev.loci.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.CharBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Reads a `tokenizer.json` in one pass, and writes the texts for the native library as the file with a few places
/// replaced: a tree of a large vocabulary, written out again twice, would take longer than all else at a start.
final class TokenizerReader {
    /// Put before a piece that no text may give.
    private static final String UNREACHABLE = "\\uffff";

    private static final int MAX_ID = 1 << 24;

    private static final ObjectMapper TREES = new ObjectMapper(JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build());

    /// Characters `[from, to)` of the file that a text has otherwise.
    private record Edit(int from, int to, String by) {}

    private final String where;
    private final char[] text;
    private final int length;
    private final List<Edit> edits = new ArrayList<>();
    private final List<Edit> plainEdits = new ArrayList<>();
    private final List<AddedToken> added = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private int[] nameStarts = new int[1024];
    private String[] pieces = new String[1024];
    private int size;
    private String unknown = "";
    private int unknownStart;
    private int end;
    private boolean hasModel;
    private boolean byteLevel;

    private TokenizerReader(String where, CharBuffer text) {
        this.where = where;
        this.text = text.array();
        this.length = text.remaining();
    }

    /// @param where names the file in errors
    /// @param text  whole array
    /// @throws IOException where it is no JSON
    static TokenizerFile read(String where, CharBuffer text) throws IOException {
        TokenizerReader reader = new TokenizerReader(where, text);
        try (JsonParser parser = TREES.getFactory().createParser(reader.text, 0, reader.length)) {
            reader.file(parser);
        }
        return reader.result();
    }

    private void file(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "truncation", "padding" -> edits.add(replaced(parser, "null"));
                case "added_tokens" -> addedTokens(parser);
                case "decoder" -> byteLevel = byteLevel(TREES.readTree(parser));
                case "model" -> model(parser);
                default -> parser.skipChildren();
            }
        }
        end = (int) parser.currentLocation().getCharOffset();
    }

    /// The value that the parser stands at, with all that is in it.
    private static Edit replaced(JsonParser parser, String by) throws IOException {
        int from = start(parser);
        parser.skipChildren();
        parser.finishToken();
        return new Edit(from, (int) parser.currentLocation().getCharOffset(), by);
    }

    private static int start(JsonParser parser) {
        return (int) parser.currentTokenLocation().getCharOffset();
    }

    private void addedTokens(JsonParser parser) throws IOException {
        int from = start(parser);
        added.clear(); // the last of several counts, as it does for the library
        for (JsonNode node : TREES.<JsonNode>readTree(parser)) {
            JsonNode id = node.path("id");
            String content = node.path("content").asText("");
            if (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() > MAX_ID || content.isEmpty()) {
                throw TokenizerException.of(
                        where, "added_tokens", "an id in 0.." + MAX_ID + " with a content", node.toString());
            }
            added.add(new AddedToken(
                    id.intValue(),
                    content,
                    node.path("special").asBoolean(),
                    node.path("lstrip").asBoolean(),
                    node.path("rstrip").asBoolean()));
        }
        plainEdits.add(new Edit(from, (int) parser.currentLocation().getCharOffset(), "[]"));
    }

    private static boolean byteLevel(JsonNode decoder) {
        JsonNode only =
                decoder.path("decoders").size() == 1 ? decoder.path("decoders").path(0) : decoder;
        return only.path("type").asText().equals("ByteLevel");
    }

    private void model(JsonParser parser) throws IOException {
        hasModel = parser.currentToken() == JsonToken.START_OBJECT;
        if (!hasModel) {
            parser.skipChildren();
            return;
        }
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("vocab")) {
                names.clear();
                Arrays.fill(pieces, null);
                size = 0;
            }
            if (name.equals("vocab") && value == JsonToken.START_OBJECT) {
                vocabulary(parser);
            } else if (name.equals("vocab") && value == JsonToken.START_ARRAY) {
                scoredVocabulary(parser);
            } else if (name.equals("unk_token") && value == JsonToken.VALUE_STRING) {
                unknownStart = start(parser);
                unknown = parser.getText();
            } else {
                parser.skipChildren();
            }
        }
    }

    /// Pieces and their ids.
    private void vocabulary(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String piece = parser.currentName();
            name(piece, start(parser));
            JsonToken value = parser.nextToken();
            put(value == JsonToken.VALUE_NUMBER_INT ? parser.getIntValue() : -1, piece);
        }
    }

    /// Lists of a piece and its score, in the order of ids.
    private void scoredVocabulary(JsonParser parser) throws IOException {
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            String piece = "";
            if (token == JsonToken.START_ARRAY) {
                if (parser.nextToken() == JsonToken.VALUE_STRING) {
                    int start = start(parser);
                    piece = parser.getText();
                    name(piece, start);
                }
                while (parser.currentToken() != JsonToken.END_ARRAY) {
                    parser.skipChildren();
                    parser.nextToken();
                }
            } else {
                parser.skipChildren();
            }
            put(size, piece);
        }
    }

    private void name(String piece, int start) {
        int at = names.size();
        if (at == nameStarts.length) {
            nameStarts = Arrays.copyOf(nameStarts, 2 * at);
        }
        nameStarts[at] = start;
        names.add(piece);
    }

    private void put(int id, String piece) {
        if (id < 0 || id > MAX_ID) {
            throw TokenizerException.of(where, "model.vocab", "ids in 0.." + MAX_ID, piece + ": " + id);
        }
        if (id >= pieces.length) {
            pieces = Arrays.copyOf(pieces, Math.max(id + 1, 2 * pieces.length));
        }
        pieces[id] = piece;
        size = Math.max(size, id + 1);
    }

    private TokenizerFile result() {
        if (!hasModel) {
            throw TokenizerException.of(where, "model", "an object", "none");
        }
        added.forEach(token -> put(token.id(), token.content()));
        if (size == 0) {
            throw TokenizerException.of(where, "model.vocab", "at least 1 token", "0");
        }
        hideAdded();
        plainEdits.addAll(edits);
        return new TokenizerFile(Arrays.copyOf(pieces, size), added, byteLevel, edited(edits), edited(plainEdits));
    }

    /// Renames added tokens inside the vocabulary: some models look whole words up in it, added token or not.
    private void hideAdded() {
        Set<String> contents = new HashSet<>();
        added.forEach(token -> contents.add(token.content()));
        for (int i = 0; i < names.size(); i++) {
            if (contents.contains(names.get(i))) {
                hide(nameStarts[i]);
            }
        }
        if (contents.contains(unknown)) {
            hide(unknownStart);
        }
    }

    /// @param quote where the string begins
    private void hide(int quote) {
        if (text[quote] != '"') {
            throw new IllegalStateException("expected a string at " + quote + ", found " + text[quote]);
        }
        plainEdits.add(new Edit(quote + 1, quote + 1, UNREACHABLE));
    }

    private String edited(List<Edit> all) {
        all.sort(Comparator.comparingInt(Edit::from));
        StringBuilder out = new StringBuilder(length + UNREACHABLE.length() * all.size());
        int at = 0;
        for (Edit edit : all) {
            out.append(text, at, edit.from() - at).append(edit.by());
            at = edit.to();
        }
        return out.append(text, at, end - at).toString();
    }
}
