package dev.loci.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerReaderTest {
    @TempDir
    Path directory;

    private TokenizerFile read(String json) throws IOException {
        Path file = directory.resolve("tokenizer.json");
        Files.writeString(file, json);
        return TokenizerFile.read(file);
    }

    private static JsonNode tree(String json) throws IOException {
        return new ObjectMapper().readTree(json);
    }

    @Test
    void takesTruncationAndPaddingOutOfBothTexts() throws IOException {
        TokenizerFile file = read("""
                {"truncation" : {"max_length": 7, "strategy": {"a": [1, "]}"]}}, "padding":"no","x":[{"padding": 3}],
                 "model": {"vocab": {"a": 0}}}""");
        JsonNode expected = tree("""
                {"truncation": null, "padding": null, "x": [{"padding": 3}], "model": {"vocab": {"a": 0}}}""");
        assertThat(tree(file.recognising())).isEqualTo(expected);
        assertThat(tree(file.plain())).isEqualTo(expected);
    }

    @Test
    void hidesAddedTokensWhereverTheyAre() throws IOException {
        TokenizerFile file = read("""
                {"model": {"unk_token": "<\\u0061>", "vocab": {"b": 1, "<a>" :0, "\\u00e9\\"": 2, "<a> ": 3},
                           "merges": ["< a"]},
                 "added_tokens": [{"id": 0, "content": "<a>", "special": true},
                                  {"id": 2, "content": "\\u00e9\\""}, {"id": 5, "content": "c", "lstrip": true}],
                 "decoder": {"type": "Sequence", "decoders": [{"type": "ByteLevel"}]}}""");
        assertThat(file.pieces()).containsExactly("<a>", "b", "é\"", "<a> ", null, "c");
        assertThat(file.byteLevel()).isTrue();
        assertThat(file.added())
                .containsExactly(
                        new AddedToken(0, "<a>", true, false, false),
                        new AddedToken(2, "é\"", false, false, false),
                        new AddedToken(5, "c", false, true, false));
        assertThat(tree(file.recognising()).path("added_tokens")).hasSize(3);
        assertThat(tree(file.plain())).isEqualTo(tree("""
                {"model": {"unk_token": "\\uffff<a>",
                           "vocab": {"b": 1, "\\uffff<a>": 0, "\\uffff\\u00e9\\"": 2, "<a> ": 3}, "merges": ["< a"]},
                 "added_tokens": [],
                 "decoder": {"type": "Sequence", "decoders": [{"type": "ByteLevel"}]}}"""));
    }

    @Test
    void hidesAddedTokensInListsOfScores() throws IOException {
        TokenizerFile file = read("""
                {"added_tokens": [{"id": 1, "content": "<a>"}],
                 "model": {"vocab": [["x", -1.5], [ "<a>" , 0], [], 3, ["\\uD83D\\uDE00", 1, {"y": [2]}], [[4], 5]]}}""");
        assertThat(file.pieces()).containsExactly("x", "<a>", "", "", "\uD83D\uDE00", "");
        assertThat(file.byteLevel()).isFalse();
        assertThat(tree(file.plain())
                        .path("model")
                        .path("vocab")
                        .path(1)
                        .path(0)
                        .asText())
                .isEqualTo("\uffff<a>");
        assertThat(tree(file.recognising())
                        .path("model")
                        .path("vocab")
                        .path(1)
                        .path(0)
                        .asText())
                .isEqualTo("<a>");
    }

    @Test
    void keepsTheTextOfAFileThatNeedsNoEdit() throws IOException {
        String json = " {\"model\" : {\"vocab\": {\"\uD83D\uDE00\u0120a\": 0}}}";
        TokenizerFile file = read(json + " {\"more\": 1}\n");
        assertThat(file.recognising()).isEqualTo(json);
        assertThat(file.plain()).isEqualTo(json);
    }

    @Test
    void theLastOfEqualKeysCounts() throws IOException {
        TokenizerFile file = read("""
                {"added_tokens": [{"id": 1, "content": "b"}], "added_tokens": [{"id": 0, "content": "a"}],
                 "model": {"vocab": {"b": 1, "c": 2}, "vocab": {"a": 0}}}""");
        assertThat(file.pieces()).containsExactly("a");
        assertThat(file.added()).containsExactly(new AddedToken(0, "a", false, false, false));
        assertThat(tree(file.plain()).path("model").path("vocab").has("\uffffa"))
                .isTrue();
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        assertThatThrownBy(() -> read("{\"model\":{\"vocab\":{\"a\":0}"))
                .hasMessageContaining("content: expected JSON");
        assertThatThrownBy(() -> read("")).hasMessageContaining("model: expected an object, found none");
        assertThatThrownBy(() -> read("{\"model\":[]}")).hasMessageContaining("model: expected an object, found none");
        assertThatThrownBy(() -> read("{\"model\":{\"vocab\":{}}}"))
                .hasMessageContaining("model.vocab: expected at least 1 token, found 0");
        assertThatThrownBy(() -> read("{\"model\":{\"vocab\":{\"a\":\"0\"}}}"))
                .hasMessageContaining("model.vocab: expected ids in 0..16777216, found a: -1");
        assertThatThrownBy(() -> read("{\"added_tokens\":[{\"id\":0}],\"model\":{}}"))
                .hasMessageContaining("added_tokens: expected an id in 0..16777216 with a content, found {\"id\":0}");
        Path file = directory.resolve("tokenizer.json");
        Files.write(file, new byte[] {'{', (byte) 0xff, '}'});
        assertThatThrownBy(() -> TokenizerFile.read(file)).hasMessageContaining("content: expected UTF-8");
    }
}
