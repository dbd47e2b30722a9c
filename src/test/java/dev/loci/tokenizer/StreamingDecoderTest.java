package dev.loci.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import org.junit.jupiter.api.Test;

final class StreamingDecoderTest {
    private static final Tokenizer BYTES = Tokenizers.bytes();
    private static final Tokenizer MINI = Tokenizers.lociMini();
    private static final Tokenizer FALLBACK = Tokenizers.byteFallback();

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> parts = Arbitraries.oneOf(
                Arbitraries.of(
                        "\u4E16\u754C",
                        "\u0645\u0631\u062D\u0628\u0627",
                        "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67",
                        "\uD83C\uDDEB\uD83C\uDDF7",
                        "e\u0301",
                        "\uFFFD",
                        "\uFFFD\uFFFD",
                        " ",
                        "  ",
                        "\n",
                        "<|user|>",
                        "\u0000"),
                Arbitraries.strings().ofMaxLength(4));
        return parts.list().ofMaxSize(12).map(list -> String.join("", list));
    }

    @Property(tries = 300)
    void piecesAddUpToTheWholeText(@ForAll("texts") String text) {
        for (Tokenizer tokenizer : List.of(BYTES, MINI, FALLBACK)) {
            int[] ids = tokenizer.encode(text, true);
            assertThat(streamed(tokenizer, ids)).isEqualTo(tokenizer.decode(ids, false));
        }
    }

    @Property
    void brokenBytesGiveWhatTheWholeGives(@ForAll("spoiled") byte[] bytes) {
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = idOf(bytes[i]);
        }
        assertThat(streamed(BYTES, ids)).isEqualTo(BYTES.decode(ids, false));
    }

    @Provide
    Arbitrary<byte[]> spoiled() {
        return Arbitraries.oneOf(
                        Arbitraries.bytes(),
                        Arbitraries.of(-19, -96, -128, -65, -16, -15, -12, -112, -32, -31, -62, -64, -1, 65)
                                .map(Integer::byteValue))
                .array(byte[].class)
                .ofMaxSize(12);
    }

    @Property(tries = 300)
    void randomIdsGiveWhatTheWholeGives(@ForAll("ids") int[] ids) {
        assertThat(streamed(MINI, ids)).isEqualTo(MINI.decode(ids, false));
    }

    @Provide
    Arbitrary<int[]> ids() {
        return Arbitraries.integers().between(0, 16383).array(int[].class).ofMaxSize(40);
    }

    @AfterContainer
    static void close() {
        BYTES.close();
        MINI.close();
        FALLBACK.close();
    }

    private static int idOf(byte b) {
        for (int id = 0; id < BYTES.size(); id++) {
            byte[] bytes = BYTES.bytes(id);
            if (bytes.length == 1 && bytes[0] == b) {
                return id;
            }
        }
        throw new AssertionError("no token for byte " + b);
    }

    private static String streamed(Tokenizer tokenizer, int[] ids) {
        StreamingDecoder decoder = tokenizer.streamingDecoder();
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            String piece = decoder.push(id);
            if (!piece.isEmpty()) {
                assertThat(Character.isHighSurrogate(piece.charAt(piece.length() - 1)))
                        .as("cut inside a character: %s", Arrays.toString(ids))
                        .isFalse();
            }
            text.append(piece);
        }
        return text.append(decoder.finish()).toString();
    }

    @Test
    void holdsBackTheStartOfACharacterAlone() {
        try (Tokenizer tokenizer = Tokenizers.bytes()) {
            StreamingDecoder decoder = tokenizer.streamingDecoder();
            List<String> pieces = Arrays.stream(tokenizer.encodePlain("a\u754C\uFFFDb"))
                    .mapToObj(decoder::push)
                    .toList();
            assertThat(pieces).containsExactly("a", "", "", "\u754C", "", "", "\uFFFD", "b");
            assertThat(decoder.finish()).isEmpty();
        }
    }

    @Test
    void anUnfinishedCharacterEndsAsAReplacement() {
        for (Tokenizer tokenizer : List.of(Tokenizers.bytes(), Tokenizers.byteFallback())) {
            try (tokenizer) {
                int[] ids = tokenizer.encodePlain("\u754C");
                StreamingDecoder decoder = tokenizer.streamingDecoder();
                assertThat(decoder.push(ids[ids.length - 3])).isEmpty();
                assertThat(decoder.finish()).isEqualTo("\uFFFD");
                assertThat(tokenizer.bytes(ids[ids.length - 3]))
                        .isEqualTo(Arrays.copyOf("\u754C".getBytes(StandardCharsets.UTF_8), 1));
            }
        }
    }
}
