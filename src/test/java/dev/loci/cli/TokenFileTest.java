package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenFileTest {
    private static final Path TOKENIZER = Path.of("src/test/resources/tokenizer/loci-mini.json");
    private static Tokenizer tokenizer;

    @TempDir
    private Path dir;

    @BeforeAll
    static void open() {
        tokenizer = Tokenizer.open(TOKENIZER);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    private Path file(String name, int... bytes) throws IOException {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return Files.write(dir.resolve(name), content);
    }

    @Test
    void readsLittleEndianIds() throws IOException {
        Path file = file("ids.u16", 1, 0, 2, 1, 0xff, 0xff);
        assertThat(TokenFile.read(file, tokenizer, 1 << 16)).containsExactly(1, 258, 65535);
    }

    @Test
    void makesIdsOfText() throws IOException {
        Path file = Files.writeString(dir.resolve("text.txt"), "Hello, world");
        int[] ids = TokenFile.read(file, tokenizer, tokenizer.size());
        assertThat(tokenizer.decode(ids, true)).isEqualTo("Hello, world");
    }

    @Test
    void refusesHalfAnId() throws IOException {
        Path file = file("ids.u16", 1, 0, 2);
        assertThatThrownBy(() -> TokenFile.read(file, tokenizer, 10))
                .hasMessage(file + ", bytes: expected an even number, found 3");
    }

    @Test
    void refusesAnIdOutsideTheVocabulary() throws IOException {
        Path file = file("ids.u16", 9, 0, 10, 0);
        assertThatThrownBy(() -> TokenFile.read(file, tokenizer, 10))
                .hasMessage(file + " @ token 1, id: expected below 10, found 10");
    }

    @Test
    void refusesTextThatIsNoUtf8() throws IOException {
        Path file = file("text.txt", 0xff, 0xfe);
        assertThatThrownBy(() -> TokenFile.read(file, tokenizer, 10))
                .hasMessage(file + ", text: expected UTF-8, found other bytes");
    }
}
