package dev.loci.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerTest {
    @Test
    void recognisesSpecialTokensInAPrompt() {
        try (Tokenizer tokenizer = Tokenizers.lociMini()) {
            assertThat(tokenizer.encode("<|user|><|pad|>", true)).containsExactly(3, 1);
            assertThat(tokenizer.isSpecial(3)).isTrue();
            assertThat(tokenizer.isSpecial(20)).isFalse();
            assertThat(tokenizer.isSpecial(-1)).isFalse();
        }
    }

    @Test
    void plainTextNeverBecomesASpecialToken() {
        try (Tokenizer mini = Tokenizers.lociMini();
                Tokenizer fallback = Tokenizers.byteFallback()) {
            int[] ids = mini.encodePlain("a<|endoftext|>b<|user|>");
            assertThat(ids).doesNotContain(0, 1, 2, 3, 4);
            assertThat(mini.decode(ids, false)).isEqualTo("a<|endoftext|>b<|user|>");
            assertThat(fallback.encodePlain("<s>a</s>")).doesNotContain(0, 1, 2);
        }
    }

    @Test
    void addsItsOwnFrameOnlyWhenAsked() {
        try (Tokenizer tokenizer = Tokenizers.byteFallback()) {
            assertThat(tokenizer.encode("the", true)[0]).isEqualTo(1);
            assertThat(tokenizer.encode("the", false)[0]).isNotEqualTo(1);
        }
    }

    @Test
    void longTextsAreNotCut() {
        try (Tokenizer tokenizer = Tokenizers.bytes()) {
            assertThat(tokenizer.encode("x".repeat(5000), true)).hasSize(5000);
        }
    }

    @Test
    void leavesOutSpecialTokensUnlessToldOtherwise() {
        try (Tokenizer tokenizer = Tokenizers.lociMini()) {
            int[] ids = tokenizer.encode("<|user|>\nHi", false);
            assertThat(tokenizer.decode(ids, false)).isEqualTo("\nHi");
            assertThat(tokenizer.decode(ids, true)).isEqualTo("<|user|>\nHi");
        }
    }

    @Test
    void bytesAreThoseOfTheText() {
        try (Tokenizer mini = Tokenizers.lociMini();
                Tokenizer fallback = Tokenizers.byteFallback()) {
            assertThat(bytesOf(mini, "na\u00EFve \u4E16\u754C\n"))
                    .isEqualTo("na\u00EFve \u4E16\u754C\n".getBytes(StandardCharsets.UTF_8));
            assertThat(mini.bytes(3)).isEqualTo("<|user|>".getBytes(StandardCharsets.UTF_8));
            assertThat(bytesOf(fallback, "the \u754C")).isEqualTo(" the \u754C".getBytes(StandardCharsets.UTF_8));
            assertThat(mini.bytes(1 << 20)).isEmpty();
            assertThat(mini.bytes(-1)).isEmpty();
            assertThat(mini.size()).isEqualTo(16384);
        }
    }

    private static byte[] bytesOf(Tokenizer tokenizer, String text) {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        for (int id : tokenizer.encodePlain(text)) {
            bytes.writeBytes(tokenizer.bytes(id));
        }
        return bytes.toByteArray();
    }

    @Test
    void mendsHalfASurrogatePairAndKeepsNul() {
        try (Tokenizer tokenizer = Tokenizers.bytes()) {
            assertThat(tokenizer.decode(tokenizer.encode("a\uD83Db\uDE00\u0000", false), false))
                    .isEqualTo("a\uFFFDb\uFFFD\u0000");
            assertThat(tokenizer.decode(tokenizer.encodePlain("\uD83D\uDE00"), false))
                    .isEqualTo("\uD83D\uDE00");
        }
    }

    @Test
    void refusesWhatIsNoTokenizer(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("tokenizer.json");
        assertThatThrownBy(() -> Tokenizer.open(file))
                .isInstanceOf(TokenizerException.class)
                .hasMessage(
                        file + ", file: expected a readable file, found java.nio.file.NoSuchFileException: " + file);
        Files.writeString(file, "[]");
        assertThatThrownBy(() -> Tokenizer.open(file))
                .isInstanceOf(TokenizerException.class)
                .hasMessage(file + ", model: expected an object, found none");
        Files.writeString(file, "{\"model\":{\"type\":\"Nonsense\",\"vocab\":{\"a\":0}}}");
        assertThatThrownBy(() -> Tokenizer.open(file))
                .isInstanceOf(TokenizerException.class)
                .hasMessageStartingWith(file + ", content: expected a Hugging Face tokenizer, found ");
        Files.writeString(file, "{\"model\":{\"vocab\":{\"a\":-7}}}");
        assertThatThrownBy(() -> Tokenizer.open(file))
                .isInstanceOf(TokenizerException.class)
                .hasMessage(file + ", model.vocab: expected ids in 0..16777216, found a: -7");
    }

    @Test
    void failsAfterClose() {
        Tokenizer tokenizer = Tokenizers.bytes();
        tokenizer.close();
        tokenizer.close();
        assertThatThrownBy(() -> tokenizer.encode("a", false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("tokenizer: expected an open one, found a closed one");
    }
}
