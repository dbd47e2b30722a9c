package dev.loci.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

final class TokenizerFuzzTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @FuzzTest(maxDuration = "10m")
    void aFileIsReadOrRefused(byte[] bytes) {
        TokenizerFile file;
        try {
            file = TokenizerReader.read(
                    "file", CharBuffer.wrap(new String(bytes, StandardCharsets.UTF_8).toCharArray()));
        } catch (TokenizerException | IOException e) {
            return;
        }
        assertThat(file.pieces()).isNotEmpty();
        requireWithout(file.recognising());
        requireWithout(file.plain());
    }

    /// What the native library is given is JSON still, and says nothing of truncation and padding.
    private static void requireWithout(String text) {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(text, e);
        }
        assertThat(tree.path("truncation").isContainerNode()).isFalse();
        assertThat(tree.path("padding").isContainerNode()).isFalse();
    }
}
