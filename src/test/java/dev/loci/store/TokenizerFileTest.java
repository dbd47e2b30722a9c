package dev.loci.store;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerFileTest {
    @TempDir
    private Path dir;

    private void check(String text, int vocabSize) throws IOException {
        Path file = Files.writeString(dir.resolve("tokenizer.json"), text);
        TokenizerFile.check(file, vocabSize, StoreException::of);
    }

    private void assertRefused(String text, String message) {
        assertThatThrownBy(() -> check(text, 3))
                .isInstanceOf(StoreException.class)
                .hasMessage(message);
    }

    @Test
    void takesIdsBelowTheVocabulary() throws IOException {
        check("{\"model\":{\"vocab\":{\"a\":0,\"b\":1}},\"added_tokens\":[{\"id\":2}]}", 3);
        check("{\"model\":{\"vocab\":[[\"a\",0],[\"b\",-1],[\"c\",-2]]}}", 3);
    }

    @Test
    void refusesMoreIdsThanTheVocabularyHas() {
        assertRefused(
                "{\"model\":{\"vocab\":{\"a\":0,\"b\":3}}}",
                "tokenizer.json, ids: expected 1 to 3 (vocab_size), found 4");
        assertRefused(
                "{\"model\":{\"vocab\":{\"a\":0}},\"added_tokens\":[{\"id\":5}]}",
                "tokenizer.json, ids: expected 1 to 3 (vocab_size), found 6");
        assertRefused(
                "{\"model\":{\"vocab\":[1,2,3,4]}}", "tokenizer.json, ids: expected 1 to 3 (vocab_size), found 4");
    }

    @Test
    void refusesWhatIsNoTokenizer() {
        assertRefused("{}", "tokenizer.json, model.vocab: expected tokens and their ids, found no such key");
        assertRefused(
                "{\"model\":{\"vocab\":{\"a\":\"x\"}}}",
                "tokenizer.json, model.vocab: expected ids from 0 on, found \"x\"");
        assertRefused(
                "{\"model\":{\"vocab\":{\"a\":0}},\"added_tokens\":[{}]}",
                "tokenizer.json, added_tokens: expected ids from 0 on, found none");
        assertRefused(
                "{\"model\"",
                "tokenizer.json, text: expected JSON, found Unexpected end-of-input within/between Object entries");
    }
}
