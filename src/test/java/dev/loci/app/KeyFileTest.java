package dev.loci.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyFileTest {
    @TempDir
    Path folder;

    private final List<String> warnings = new ArrayList<>();
    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("keys"), "# ours\n\n  sk-one  # for the page\nsk#two\r\n");
    }

    /// A new file in the old one's place, as whoever changes secrets does it.
    private void replace(String text) throws IOException {
        Path next = Files.writeString(folder.resolve("next"), text);
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void readsOneKeyALine() throws IOException {
        KeyFile keys = KeyFile.open(file, warnings::add);
        assertThat(keys.current()).hasToString("2 keys");
        assertThat(keys.current().have("sk-one")).isTrue();
        assertThat(keys.current().have("sk#two")).isTrue();
        assertThat(keys.current().have("# ours")).isFalse();
    }

    @Test
    void aReplacedFileHoldsAtOnce() throws IOException {
        KeyFile keys = KeyFile.open(file, warnings::add);
        replace("sk-new\n");
        assertThat(keys.current().have("sk-one")).isFalse();
        assertThat(keys.current().have("sk-new")).isTrue();
        assertThat(warnings).isEmpty();
    }

    @Test
    void aLinkThatPointsElsewhereCounts() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        KeyFile keys = KeyFile.open(link, warnings::add);
        Path other = Files.writeString(folder.resolve("other"), "sk-new\n");
        Files.delete(link);
        Files.createSymbolicLink(link, other);
        assertThat(keys.current().have("sk-new")).isTrue();
    }

    @Test
    void aFileThatCannotBeUsedLeavesTheLastKeysAndIsToldOnce() throws IOException {
        KeyFile keys = KeyFile.open(file, warnings::add);
        replace("");
        assertThat(keys.current().have("sk-one")).isTrue();
        assertThat(keys.current().have("sk-one")).isTrue();
        assertThat(warnings)
                .containsExactly(file + ", API keys: expected one a line, found keys: expected at least 1, found none;"
                        + " those that were read before still hold");
        replace("sk-new\nno key\n");
        keys.current();
        assertThat(warnings.getLast())
                .contains("key 2: expected 1 to 512 visible ASCII")
                .doesNotContain("no key");
        Files.delete(file);
        assertThat(keys.current().have("sk-one")).isTrue();
        assertThat(warnings.getLast()).contains("no file that can be read");
        assertThat(warnings).hasSize(3);
        Files.writeString(file, "sk-new\n");
        assertThat(keys.current().have("sk-new")).isTrue();
        assertThat(keys.current().have("sk-one")).isFalse();
    }

    @Test
    void aFirstFileMustBeRight() throws IOException {
        assertThatThrownBy(() -> KeyFile.open(folder.resolve("none"), warnings::add))
                .isInstanceOf(NoSuchFileException.class);
        replace("# nothing\n");
        assertThatThrownBy(() -> KeyFile.open(file, warnings::add)).hasMessage("keys: expected at least 1, found none");
    }
}
