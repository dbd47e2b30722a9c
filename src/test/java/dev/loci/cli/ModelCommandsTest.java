package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loci.tensor.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each command that needs a model, on the golden ones.
final class ModelCommandsTest {
    private static final String GOLDEN = "src/test/resources/golden/";
    private static final String NAME = "ultramem-v1-2head";
    private static final int VOCABULARY = 500;
    private static final int COLUMNS = 512;
    private static final int IDS = 24;

    @TempDir
    private static Path shared;

    @TempDir
    private Path dir;

    private static Path model;

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(String in, String... args) {
        Captured captured = Captured.of(in, false);
        int code = Main.run(captured.streams(), args);
        return new Outcome(code, captured.out(), captured.err());
    }

    private static Outcome importInto(Path out, String... more) {
        String[] args = {
            "import",
            "--from",
            "ultramem",
            "--weights",
            GOLDEN + NAME + ".weights.safetensors",
            "--config",
            GOLDEN + NAME + ".config.json",
            "--tokenizer",
            GOLDEN + "tokenizer.json",
            "--out",
            out.toString()
        };
        String[] all = Arrays.copyOf(args, args.length + more.length);
        System.arraycopy(more, 0, all, args.length, more.length);
        return run("", all);
    }

    @BeforeAll
    static void importModel() {
        model = shared.resolve("model");
        Outcome outcome = importInto(model);
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.out()).matches(Pattern.quote(model.toString()) + ": 1\\.\\d MiB written in \\d+\\.\\d s\n");
        assertThat(outcome.code()).isZero();
    }

    @Test
    void importsIntoTheTypesAskedFor() {
        Path out = dir.resolve("small");
        assertThat(importInto(out, "--dtype", "int8", "--table-dtype", "int4").code())
                .isZero();
        assertThat(run("", "inspect", out.toString()).out())
                .contains("matrices in int8")
                .contains("in each table, int4");
    }

    @Test
    void refusesAnImportThatCannotBe() {
        assertThat(importInto(model).code()).isEqualTo(2);
        assertThat(importInto(dir.resolve("x"), "--dtype", "int4"))
                .isEqualTo(new Outcome(
                        2, "", "loci import: command line, --dtype: expected f32, bf16, int8, found int4\n"));
        assertThat(run(
                        "",
                        "import",
                        "--from",
                        "gguf",
                        "--weights",
                        "w",
                        "--config",
                        "c",
                        "--tokenizer",
                        "t",
                        "--out",
                        "o"))
                .isEqualTo(new Outcome(2, "", "loci import: command line, --from: expected ultramem, found gguf\n"));
        assertThat(dir).isEmptyDirectory();
    }

    @Test
    void inspectsInText() {
        Outcome outcome = run("", "inspect", model.toString());
        assertThat(outcome.err()).isEmpty();
        assertThat(outcome.code()).isZero();
        assertThat(outcome.out())
                .contains("backbone       6 blocks, width 64, 4 query and 4 key/value heads of 16, inner width 96\n")
                .contains("vocabulary     500 ids of 512 embedding rows\n")
                .contains("  table 0      read at block 0, added at block 1; ")
                .contains("  table 1      read at block 2, added at block 4; ")
                .contains("size and digest of each as written\n");
    }

    @Test
    void inspectsInJson() throws IOException {
        JsonNode report = new ObjectMapper()
                .readTree(run("", "inspect", "--json", model.toString()).out());
        assertThat(report.get("vocab_size").asInt()).isEqualTo(VOCABULARY);
        assertThat(report.get("tables")).hasSize(2);
        assertThat(report.get("tensors").findValuesAsText("name")).contains("transformer.wte.weight");
        assertThat(report.get("files").findValuesAsText("name")).contains("values-0001.safetensors");
    }

    @Test
    void listsTensorsWhenAsked() {
        assertThat(run("", "inspect", "--tensors", model.toString()).out())
                .contains("    transformer.wte.weight f32 [512, 64] 128.0 KiB\n");
    }

    @Test
    void noticesAFlippedByte() throws IOException {
        Path copy = dir.resolve("copy");
        Files.createDirectory(copy);
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        Path table = copy.resolve("values-0001.safetensors");
        byte[] bytes = Files.readAllBytes(table);
        bytes[bytes.length - 1] ^= 1;
        Files.write(table, bytes);
        Outcome outcome = run("", "inspect", copy.toString());
        assertThat(outcome.code()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .matches(
                        "loci inspect: values-0001\\.safetensors, sha256: expected [0-9a-f]{64}, found [0-9a-f]{64}\n");
    }

    @Test
    void printsTheLossThatTheExpectedLogitsGive() throws IOException {
        Path ids = dir.resolve("ids.u16");
        double nats = 0;
        try (SafetensorsFile expected = SafetensorsFile.open(Path.of(GOLDEN + NAME + ".expected.safetensors"))) {
            MemorySegment input = expected.tensor("input_ids").data();
            MemorySegment logits = expected.tensor("logits").data();
            ByteBuffer bytes = ByteBuffer.allocate(2 * 2 * IDS).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < 2 * IDS; i++) {
                int id = id(input, i);
                bytes.putShort((short) id);
                if (i % IDS != 0) {
                    nats += nats(logits, i - 1, id);
                }
            }
            Files.write(ids, bytes.array());
        }
        Outcome outcome =
                run("", "loss", model.toString(), ids.toString(), "--window", "" + (IDS - 1), "--stride", "" + IDS);
        assertThat(outcome)
                .isEqualTo(new Outcome(
                        0,
                        Sizes.decimals(nats / (2 * (IDS - 1)), 4) + " nats a token, 2 windows, 46 predictions\n",
                        ""));
    }

    private static int id(MemorySegment input, int index) {
        return input.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, index);
    }

    /// Negative log-probability of an id under one row of logits.
    private static double nats(MemorySegment logits, int row, int id) {
        double sum = 0;
        for (int column = 0; column < VOCABULARY; column++) {
            sum += Math.exp(logit(logits, row, column));
        }
        return Math.log(sum) - logit(logits, row, id);
    }

    private static double logit(MemorySegment logits, int row, int column) {
        return logits.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) row * COLUMNS + column);
    }

    @Test
    void takesTheLossOfATextToo() throws IOException {
        Path text = Files.writeString(dir.resolve("text.txt"), "One token a byte.");
        assertThat(run("", "loss", model.toString(), text.toString(), "--window", "8")
                        .out())
                .matches("\\d+\\.\\d{4} nats a token, 2 windows, 16 predictions\n");
    }

    @Test
    void refusesWindowsThatDoNotFit() throws IOException {
        Path text = Files.writeString(dir.resolve("text.txt"), "One token a byte.");
        assertThat(run("", "loss", model.toString(), text.toString(), "--window", "17"))
                .isEqualTo(
                        new Outcome(
                                2,
                                "",
                                "loci loss: " + text
                                        + ", tokens: expected at least 18 for one window (--window N takes fewer), found 17\n"));
        assertThat(run("", "loss", model.toString(), text.toString(), "--window", "257"))
                .isEqualTo(new Outcome(
                        2,
                        "",
                        "loci loss: command line, --window: expected at most the model's context, 256, found 257\n"));
        assertThat(run("", "loss", model.toString(), text.toString(), "--window", "8", "--windows", "3"))
                .isEqualTo(new Outcome(
                        2, "", "loci loss: command line, --windows: expected at most 2 in " + text + ", found 3\n"));
    }

    @Test
    void continuesTextWhereTheModelHasNoChatTemplate() {
        String[] args = {"chat", "--model", model.toString(), "--max-tokens", "4"};
        Outcome first = run("Once upon\n", args);
        assertThat(first.code()).isZero();
        assertThat(first.err()).isEmpty();
        assertThat(first.out()).endsWith("\n");
        assertThat(run("Once upon\n", args)).isEqualTo(first);
    }

    @Test
    void writesARandomModelThatRuns() {
        Path out = dir.resolve("random");
        Outcome written = run(
                "",
                "synth",
                "--config",
                GOLDEN + "ultramem-v1.config.json",
                "--out",
                out.toString(),
                "--dtype",
                "bf16",
                "--table-dtype",
                "int8",
                "--seed",
                "7");
        assertThat(written.err()).isEmpty();
        assertThat(written.code()).isZero();
        assertThat(run("", "inspect", out.toString()).code()).isZero();
        assertThat(run("Hi\n", "chat", "--model", out.toString(), "--max-tokens", "2")
                        .code())
                .isZero();
    }
}
