package dev.loci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.kernel.MappedMemory.Advice;
import dev.loci.kernel.RowType;
import dev.loci.kernel.TableRows;
import dev.loci.kernel.WeightType;
import dev.loci.tensor.DType;
import dev.loci.tensor.Sha256;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelDirectoryTest {
    /// Room for the header and four rows of 16 bytes.
    private static final long FOUR_ROWS = 4096 + 64;

    private final FakeMemory memory = new FakeMemory();

    @TempDir
    private Path temp;

    private Path dir;

    @BeforeEach
    void write() {
        dir = temp.resolve("model");
        SmallModel.write(dir, FOUR_ROWS);
    }

    private ModelDirectory open() {
        return ModelDirectory.open(dir, memory, HugePages.OFF);
    }

    private void assertRefused(String message) {
        assertThatThrownBy(this::open).isInstanceOf(StoreException.class).hasMessage(message);
        assertThat(memory.guarded()).isEmpty();
    }

    private byte[] bytes(String file) throws IOException {
        return Files.readAllBytes(dir.resolve(file));
    }

    private void replace(String file, byte[] bytes) throws IOException {
        Files.write(dir.resolve(file), bytes);
    }

    private void edit(String file, String from, String to) throws IOException {
        String text = Files.readString(dir.resolve(file));
        assertThat(text).contains(from);
        Files.writeString(dir.resolve(file), text.replace(from, to));
    }

    private static String sha256(byte[] bytes) {
        return Sha256.start().update(ByteBuffer.wrap(bytes)).hex();
    }

    /// Makes the manifest promise what the file now is.
    private void promise(String file, byte[] before) throws IOException {
        byte[] after = bytes(file);
        int header = Math.toIntExact(
                8 + ByteBuffer.wrap(before).order(ByteOrder.LITTLE_ENDIAN).getLong());
        String manifest = Files.readString(dir.resolve(Manifest.FILE));
        int begin = manifest.indexOf("\"" + file + "\"");
        int end = manifest.indexOf('}', begin);
        String entry = manifest.substring(begin, end)
                .replace(sha256(before), sha256(after))
                .replace(sha256(Arrays.copyOf(before, header)), sha256(Arrays.copyOf(after, header)));
        Files.writeString(dir.resolve(Manifest.FILE), manifest.substring(0, begin) + entry + manifest.substring(end));
    }

    @Test
    void opensWhatWasWritten() {
        try (ModelDirectory model = open()) {
            assertThat(model.config())
                    .isEqualTo(SmallModel.config(WeightType.INT8, Optional.of(SmallModel.memory(RowType.INT8))));
            assertThat(model.dense("transformer.wte.weight").dtype()).isEqualTo(DType.I8);
            assertThat(model.dense("transformer.wte.weight.scale").shape()).containsExactly(4L);
            assertThat(model.hasDense("transformer.ff_out.weight")).isTrue();
            assertThat(model.hasDense("transformer.ff_out.bias")).isFalse();
            assertThat(model.chatTemplate()).contains("{{ messages }}");
            assertThat(model.tokenizerFile()).hasContent(SmallModel.TOKENIZER);
            assertThat(model.digest()).hasSize(64);
            assertThat(model.tables()).isEqualTo(2);
            assertThat(memory.guarded()).hasSize(7);
        }
        assertThat(memory.guarded()).isEmpty();
    }

    @Test
    void everyTensorIsAligned() {
        try (ModelDirectory model = open()) {
            for (DenseTensor tensor : DenseTensor.of(model.config())) {
                MemorySegment data = model.dense(tensor.name()).data();
                int alignment = model.dense(tensor.name()).dtype().bytes();
                assertThat(data.address() % (data.byteSize() % 64 == 0 ? 64 : alignment))
                        .as(tensor.name())
                        .isZero();
            }
        }
    }

    @Test
    void tablesGoOnOverTheirFiles() {
        try (ModelDirectory model = open()) {
            ValueTable table = model.table(1);
            TableRows rows = table.rows();
            assertThat(rows.parts()).extracting(TableRows.Part::firstRow).containsExactly(0L, 4L, 8L);
            assertThat(rows.parts()).extracting(TableRows.Part::rows).containsExactly(4L, 4L, 1L);
            assertThat(rows.stride()).isEqualTo(16);
            assertThat(rows.parts().get(1).data().get(ValueLayout.JAVA_BYTE, 16))
                    .isEqualTo((byte) 5);
            assertThat(rows.parts().getFirst().data().address() % 4096).isZero();
            assertThat(table.residentBytes()).hasValue(3 * 4096);
            assertThat(table.mappedBytes()).isEqualTo(3 * 4096 + 9 * 16);
        }
    }

    @Test
    void advisesRandomAccessUnlessHugePagesAreAskedFor() {
        try (ModelDirectory model = open()) {
            assertThat(model.table(0).adviceTaken()).isTrue();
        }
        assertThat(memory.advices()).hasSize(6).containsOnly(Advice.RANDOM);
        memory.advices().clear();
        try (ModelDirectory model = ModelDirectory.open(dir, memory, HugePages.ON)) {
            assertThat(model.table(0).adviceTaken()).isFalse();
        }
        assertThat(memory.advices()).hasSize(6).containsOnly(Advice.HUGE_PAGES);
    }

    @Test
    void copiesTablesAndGivesTheirFilesBack() {
        try (ModelDirectory mapped = open();
                ModelDirectory model = ModelDirectory.open(dir, memory, HugePages.COPY)) {
            for (int part = 0; part < 3; part++) {
                MemorySegment copy = model.table(1).rows().parts().get(part).data();
                MemorySegment file = mapped.table(1).rows().parts().get(part).data();
                assertThat(copy.mismatch(file)).isEqualTo(-1);
                assertThat(copy.isMapped()).isFalse();
            }
            assertThat(memory.advices()).endsWith(Advice.DROP);
            assertThat(model.table(1).residentBytes()).hasValue(3 * 4096);
            assertThat(model.tablePlacement().describe())
                    .matches("value tables of 0 MiB: copied into huge pages in \\d+ ms");
        }
        assertThat(memory.guarded()).isEmpty();
    }

    @Test
    void copiesWhereMemoryAllows() {
        assertThat(HugePages.AUTO.resolve(750, 1000)).isEqualTo(HugePages.COPY);
        assertThat(HugePages.AUTO.resolve(751, 1000)).isEqualTo(HugePages.ON);
        assertThat(HugePages.OFF.resolve(1, 1000)).isEqualTo(HugePages.OFF);
        assertThat(HugePages.COPY.resolve(1000, 1000)).isEqualTo(HugePages.COPY);
        assertThatThrownBy(() -> HugePages.COPY.resolve(1001, 1000))
                .hasMessage("value tables, copies in huge pages: expected 1001 bytes of free memory, found 1000");
    }

    @Test
    void segmentsFailFastAfterClose() {
        ModelDirectory model = open();
        MemorySegment data = model.dense("transformer.wte.weight").data();
        MemorySegment row = model.table(0).rows().parts().getFirst().data();
        model.close();
        model.close();
        assertThatThrownBy(() -> data.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> row.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesADirectoryWithoutManifest() throws IOException {
        Files.delete(dir.resolve(Manifest.FILE));
        assertRefused(dir + ", manifest.json: expected the manifest of a model, found no such file");
    }

    @Test
    void refusesAMissingFile() throws IOException {
        Files.delete(dir.resolve("values-0002.safetensors"));
        assertRefused("values-0002.safetensors, file: expected a file of 4112 bytes, found no such file");
    }

    @Test
    void refusesATruncatedFile() throws IOException {
        replace("values-0001.safetensors", Arrays.copyOf(bytes("values-0001.safetensors"), 4159));
        assertRefused("values-0001.safetensors, size: expected 4160 bytes, found 4159");
    }

    @Test
    void refusesAChangedHeader() throws IOException {
        byte[] before = bytes("values-0000.safetensors");
        byte[] after = before.clone();
        after[4000] = '\t';
        replace("values-0000.safetensors", after);
        assertRefused("values-0000.safetensors @ header, sha256: expected " + sha256(Arrays.copyOf(before, 4096))
                + ", found " + sha256(Arrays.copyOf(after, 4096)));
    }

    @Test
    void refusesAHeaderThatIsNone() throws IOException {
        byte[] after = bytes("values-0000.safetensors");
        after[8] = '[';
        replace("values-0000.safetensors", after);
        assertRefused("values-0000.safetensors @ 8, header: expected 0x7b, found 0x5b");
    }

    @Test
    void refusesAChangedConfiguration() throws IOException {
        byte[] before = bytes("config.json");
        edit("config.json", "\"width\" : 8", "\"width\" : 9");
        assertRefused("config.json, sha256: expected " + sha256(before) + ", found " + sha256(bytes("config.json")));
    }

    @Test
    void refusesAChangedTokenizer() throws IOException {
        byte[] before = bytes("tokenizer.json");
        edit("tokenizer.json", "\"c\"", "\"d\"");
        assertRefused(
                "tokenizer.json, sha256: expected " + sha256(before) + ", found " + sha256(bytes("tokenizer.json")));
    }

    @Test
    void refusesAMissingTensor() throws IOException {
        renameFile("model.safetensors", "\"transformer.ln_f.weight\"", "\"transformer.ln_g.weight\"");
        assertRefused("model.safetensors @ header, transformer.ln_f.weight: expected shape [8], found no such tensor");
    }

    @Test
    void refusesATensorOfAnotherType() throws IOException {
        renameFile("model.safetensors", "\"dtype\":\"I32\"", "\"dtype\":\"F32\"");
        assertRefused(
                "model.safetensors @ header, transformer.mem_blocks.0.shuffle_index dtype: expected I32, found F32");
    }

    @Test
    void refusesATensorOfAnotherShape() throws IOException {
        renameFile("model.safetensors", "\"shape\":[4,8]", "\"shape\":[8,4]");
        assertRefused("model.safetensors @ header, transformer.wte.weight: expected shape [4, 8], found shape [8, 4]");
    }

    private void renameFile(String file, String from, String to) throws IOException {
        byte[] before = bytes(file);
        String text = new String(before, StandardCharsets.ISO_8859_1);
        assertThat(text).contains(from);
        replace(file, text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
        promise(file, before);
    }

    @Test
    void refusesRowsUnderAnotherName() throws IOException {
        renameFile("values-0005.safetensors", "\"values\"", "\"valuez\"");
        assertRefused("values-0005.safetensors @ header, valuez: expected no tensor of this name, found U8");
    }

    @Test
    void refusesRowsOfAnotherType() throws IOException {
        renameFile("values-0005.safetensors", "\"U8\"", "\"I8\"");
        assertRefused("values-0005.safetensors @ header, values: expected U8 [1, 16], found I8 [1, 16]");
    }

    @Test
    void refusesANewerFormat() throws IOException {
        edit(Manifest.FILE, "\"version\" : 1", "\"version\" : 2");
        assertRefused("manifest.json, version: expected at most 1, found 2; read it with a newer version of Loci");
    }

    @Test
    void refusesAnotherFormat() throws IOException {
        edit(Manifest.FILE, "loci-model", "other");
        assertRefused("manifest.json, format: expected loci-model, found other");
    }

    @Test
    void refusesAFileNameThatLeavesTheDirectory() throws IOException {
        edit(Manifest.FILE, "\"name\" : \"tokenizer.json\"", "\"name\" : \"../tokenizer.json\"");
        assertRefused("manifest.json, files[3].name: expected a plain file name, found \"../tokenizer.json\"");
    }

    @Test
    void refusesAManifestWithoutAFile() throws IOException {
        edit(Manifest.FILE, "\"name\" : \"tokenizer.json\"", "\"name\" : \"chat_template.jinja2\"");
        Files.move(dir.resolve("tokenizer.json"), dir.resolve("chat_template.jinja2"));
        assertRefused("manifest.json, tokenizer.json: expected an entry of this name, found none");
    }

    @Test
    void refusesAFileListedTwice() throws IOException {
        edit(Manifest.FILE, "\"name\" : \"tokenizer.json\"", "\"name\" : \"config.json\"");
        assertRefused("manifest.json, files: expected names of their own, found config.json twice");
    }

    @Test
    void refusesRowsThatAreMissing() throws IOException {
        edit(Manifest.FILE, "\"first_row\" : 8", "\"first_row\" : 9");
        assertRefused("manifest.json, tables[0] values-0002.safetensors: expected rows from 8, found rows from 9");
    }

    @Test
    void refusesATableOfAnotherSize() throws IOException {
        edit(Manifest.FILE, "\"rows\" : 1\n", "\"rows\" : 2\n");
        assertRefused("manifest.json, tables[0]: expected 9 rows, found 10 rows");
    }

    @Test
    void refusesAManifestWithoutHeaderDigest() throws IOException {
        String headerDigest;
        try (ModelDirectory model = open()) {
            headerDigest =
                    model.manifest().file("model.safetensors").headerSha256().orElseThrow();
        }
        edit(Manifest.FILE, "header_sha256", "header_sha512");
        assertRefused("manifest.json, files[2].header_sha512: expected no such key, found \""
                + headerDigest.substring(0, 59) + "...");
    }

    @Test
    void verifyReadsEveryByte() throws IOException {
        long[] seen = new long[2];
        try (ModelDirectory model = open()) {
            model.verify((done, total) -> {
                seen[0] = done;
                seen[1] = total;
            });
        }
        assertThat(seen[0]).isEqualTo(seen[1]).isPositive();
        byte[] before = bytes("values-0000.safetensors");
        byte[] after = before.clone();
        after[4100]++;
        replace("values-0000.safetensors", after);
        try (ModelDirectory model = open()) {
            assertThatThrownBy(() -> model.verify(ProgressListener.NONE))
                    .isInstanceOf(StoreException.class)
                    .hasMessage(
                            "values-0000.safetensors, sha256: expected " + sha256(before) + ", found " + sha256(after));
        }
    }

    @Test
    void opensAModelWithoutMemory() {
        Path plain = temp.resolve("plain");
        ModelConfig config = SmallModel.config(WeightType.F32, Optional.empty());
        ModelWriter.write(SmallModel.contents(config), plain, ModelWriter.MAX_FILE_BYTES, ProgressListener.NONE);
        try (ModelDirectory model = ModelDirectory.open(plain, memory, HugePages.OFF)) {
            assertThat(model.tables()).isZero();
            assertThat(model.manifest().files())
                    .extracting(Manifest.Entry::name)
                    .isEqualTo(List.of("chat_template.jinja", "config.json", "model.safetensors", "tokenizer.json"));
        }
    }
}
