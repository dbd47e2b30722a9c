package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SchemaCommandTest {
    @TempDir
    private Path dir;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text);
    }

    @Test
    void saysAtWhichCharacterAnInstanceIsRejectedAndWhatWasAllowed() throws IOException {
        Path schema = file("s.json", "{\"type\":\"array\",\"items\":{\"enum\":[\"é\",\"b\"]}}");
        Path wrong = file("wrong.json", "[\"é\", \"c\"]");
        Captured rejected = Captured.of("", false);
        assertThat(Main.run(rejected.streams(), "schema", "check", schema.toString(), wrong.toString()))
                .isEqualTo(1);
        assertThat(rejected.out())
                .isEqualTo("rejected: " + wrong + " @ character 7: expected 'b' other characters, found 'c'\n");
        Captured accepted = Captured.of("", false);
        Path right = file("right.json", "[\"é\"]\n");
        assertThat(Main.run(accepted.streams(), "schema", "check", schema.toString(), right.toString()))
                .isZero();
    }

    @Test
    void refusesASchemaByKeywordAndPath() throws IOException {
        Captured refused = Captured.of("", false);
        Path schema = file("s.json", "{\"items\":{\"contains\":{}}}");
        assertThat(Main.run(refused.streams(), "schema", "check", schema.toString()))
                .isEqualTo(2);
        assertThat(refused.err()).contains("#/items, contains: expected");
    }

    @Test
    void judgesCases() throws IOException {
        Path cases = file(
                "cases.jsonl",
                "{\"name\":\"a\",\"schema\":{\"type\":\"integer\"},\"tests\":[{\"valid\":true,\"data\":12},"
                        + "{\"valid\":false,\"data\":1.50}]}\n{\"name\":\"b\",\"schema\":{\"contains\":{}},\"tests\":[]}\n");
        Captured judged = Captured.of("", false);
        assertThat(Main.run(
                        judged.streams(),
                        "schema",
                        "bench",
                        cases.toString(),
                        "--model",
                        "model-store/loci-mini",
                        "--details"))
                .as(judged.err())
                .isZero();
        assertThat(judged.out()).contains("2 cases\n", "passed: 1 (50.0 %)", "refused: b: #, contains", "mask, micro");
    }
}
