package dev.loci.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.loci.kernel.RowType;
import dev.loci.kernel.TableRows;
import dev.loci.kernel.WeightType;
import dev.loci.store.FakeMemory;
import dev.loci.store.HugePages;
import dev.loci.store.ModelConfig.Span;
import dev.loci.store.ModelDirectory;
import dev.loci.store.ModelWriter;
import dev.loci.store.ProgressListener;
import dev.loci.store.RowEncoder;
import dev.loci.store.StoreException;
import dev.loci.store.TableLayout;
import dev.loci.tensor.DType;
import dev.loci.tensor.FloatElements;
import dev.loci.tensor.SafetensorsFile;
import dev.loci.tensor.Tensor;
import dev.loci.tensor.TensorException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class UltraMemImportTest {
    private static final String MEMORY = "transformer.mem_blocks.0.";
    private static final String VALUES = MEMORY + "values_for_look_up";

    @TempDir
    private Path temp;

    private ImportOptions options(List<Path> weights, Path config, Path tokenizer, WeightType dense, RowType table) {
        return new ImportOptions(
                weights,
                config,
                tokenizer,
                Optional.empty(),
                List.of(),
                temp.resolve("out"),
                Optional.ofNullable(dense),
                Optional.ofNullable(table));
    }

    private ModelDirectory imported(ImportOptions options) {
        UltraMemImport.run(options, ProgressListener.NONE);
        return ModelDirectory.open(options.out(), new FakeMemory(), HugePages.OFF);
    }

    private ModelDirectory imported(String name, WeightType dense, RowType table) {
        return imported(options(
                List.of(GoldenCheckpoint.weights(name)),
                GoldenCheckpoint.config(name),
                GoldenCheckpoint.TOKENIZER,
                dense,
                table));
    }

    private ModelDirectory imported(GoldenCheckpoint checkpoint) {
        Path weights = checkpoint.write(temp.resolve("w.safetensors"));
        Path config = GoldenCheckpoint.config("ultramem-v1");
        return imported(options(List.of(weights), config, GoldenCheckpoint.TOKENIZER, null, null));
    }

    private void assertRefused(ImportOptions options, String message) {
        assertThatThrownBy(() -> UltraMemImport.run(options, ProgressListener.NONE))
                .isInstanceOf(ImportException.class)
                .hasMessage(message);
        assertThat(options.out()).doesNotExist();
        assertThat(temp).isDirectoryNotContaining("glob:**.importing-*");
    }

    private void assertRefused(GoldenCheckpoint checkpoint, String message) {
        Path weights = checkpoint.write(temp.resolve("w.safetensors"));
        Path config = GoldenCheckpoint.config("ultramem-v1");
        assertRefused(options(List.of(weights), config, GoldenCheckpoint.TOKENIZER, null, null), message);
    }

    private static float[] floats(Tensor tensor) {
        float[] out = new float[(int) tensor.elements()];
        FloatElements.read(tensor.dtype(), tensor.data(), 0, out, out.length);
        return out;
    }

    private static byte[] bytes(MemorySegment data) {
        return data.toArray(ValueLayout.JAVA_BYTE);
    }

    @ParameterizedTest
    @CsvSource({"no-mem", "ultramem-v1", "ultramem-v1-2head"})
    void f32ModelsKeepEveryBit(String name) {
        try (ModelDirectory model = imported(name, null, null);
                SafetensorsFile source = SafetensorsFile.open(GoldenCheckpoint.weights(name))) {
            int tables = 0;
            for (Tensor tensor : source.tensors()) {
                if (tensor.name().endsWith("values_for_look_up")) {
                    TableRows rows = model.table(tables++).rows();
                    assertThat(bytes(rows.parts().getFirst().data())).isEqualTo(bytes(tensor.data()));
                } else if (!tensor.name().endsWith("shuffle_index")) {
                    assertThat(bytes(model.dense(tensor.name()).data()))
                            .as(tensor.name())
                            .isEqualTo(bytes(tensor.data()));
                }
            }
            assertThat(tables).isEqualTo(model.tables());
            model.verify(ProgressListener.NONE);
        }
    }

    @Test
    void theConfigurationFollowsKeysAndShapes() {
        try (ModelDirectory model = imported("ultramem-v1-2head", null, null)) {
            assertThat(model.config().source()).isEqualTo("ultramem");
            assertThat(model.config().ffnInner()).isEqualTo(96);
            assertThat(model.config().kvHeads()).isEqualTo(4);
            assertThat(model.config().stopTokens()).containsExactly(0);
            assertThat(model.config().padToken()).hasValue(1);
            assertThat(model.config().embeddingRows()).isEqualTo(512);
            var memory = model.config().memory().orElseThrow();
            assertThat(memory.spans()).containsExactly(new Span(0, 1), new Span(2, 4));
            assertThat(memory.heads()).isEqualTo(2);
            assertThat(memory.axisKeys()).isEqualTo(48);
            assertThat(memory.groups()).isEqualTo(4);
            assertThat(memory.cores()).isEqualTo(2);
            assertThat(memory.rank()).isEqualTo(2);
            assertThat(memory.rows()).isEqualTo(576);
        }
    }

    @ParameterizedTest
    @EnumSource(RowType.class)
    void rowsOfEveryTypeStandForTheSource(RowType type) {
        try (ModelDirectory model = imported("ultramem-v1", null, type);
                SafetensorsFile source = SafetensorsFile.open(GoldenCheckpoint.weights("ultramem-v1"))) {
            TableLayout layout = model.table(0).layout();
            assertThat(layout.type()).isEqualTo(type);
            MemorySegment rows = model.table(0).rows().parts().getFirst().data();
            float[] expected = floats(source.tensor(VALUES));
            float[] row = new float[32];
            for (int i = 0; i < 576; i++) {
                System.arraycopy(expected, i * 32, row, 0, 32);
                float greatest = RowEncoder.scale(row, 32, 1);
                float bound = switch (type) {
                    case F32 -> 0;
                    case BF16 -> greatest / 256;
                    case F16 -> greatest / 2048;
                    case INT8 -> greatest / 127 * 0.50001f;
                    case INT4 -> greatest / 7 * 0.50001f;
                };
                float[] found = RowEncoder.decode(layout, rows, (long) i * layout.stride());
                assertThat(found).as("row %s", i).containsExactly(row, within(bound));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(WeightType.class)
    void matricesOfEveryTypeStandForTheSource(WeightType type) {
        String name = "transformer.blocks.2.ff_proj.weight";
        try (ModelDirectory model = imported("ultramem-v1", type, null);
                SafetensorsFile source = SafetensorsFile.open(GoldenCheckpoint.weights("ultramem-v1"))) {
            float[] expected = floats(source.tensor(name));
            Tensor found = model.dense(name);
            assertThat(model.config().denseType()).isEqualTo(type);
            assertThat(model.config().memory().orElseThrow().tableType().name()).isEqualTo(type.name());
            assertThat(model.dense(MEMORY + "keys").dtype()).isEqualTo(DType.F32);
            if (type == WeightType.INT8) {
                float[] scales = floats(model.dense(name + ".scale"));
                assertThat(scales).hasSize(192);
                for (int i = 0; i < expected.length; i++) {
                    float scale = scales[i / 64];
                    float value = scale * found.data().get(ValueLayout.JAVA_BYTE, i);
                    assertThat(value).isCloseTo(expected[i], within(scale * 0.50001f));
                }
            } else {
                float bound = type == WeightType.F32 ? 0 : RowEncoder.scale(expected, expected.length, 256);
                assertThat(floats(found)).containsExactly(expected, within(bound));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"BF16,BF16,BF16", "F16,F32,F16", "F64,F32,F32"})
    void sourcesOfEveryTypeAreTaken(DType source, WeightType dense, DType keys) {
        try (ModelDirectory model = imported(GoldenCheckpoint.of("ultramem-v1").floatsAs(source))) {
            assertThat(model.config().denseType()).isEqualTo(dense);
            assertThat(model.dense(MEMORY + "keys").dtype()).isEqualTo(keys);
        }
    }

    @Test
    void int32AndInt64ShufflesAreTheSame() {
        byte[] wide;
        try (ModelDirectory model = imported("ultramem-v1", null, null)) {
            wide = bytes(model.dense(MEMORY + "shuffle_index").data());
        }
        ImportOptions narrow = new ImportOptions(
                List.of(GoldenCheckpoint.of("ultramem-v1").indicesAsI32().write(temp.resolve("w.safetensors"))),
                GoldenCheckpoint.config("ultramem-v1"),
                GoldenCheckpoint.TOKENIZER,
                Optional.empty(),
                List.of(),
                temp.resolve("narrow"),
                Optional.empty(),
                Optional.empty());
        try (ModelDirectory model = imported(narrow)) {
            assertThat(bytes(model.dense(MEMORY + "shuffle_index").data())).isEqualTo(wide);
        }
    }

    @Test
    void stateDictsMaySpanFilesAndTablesToo() {
        GoldenCheckpoint golden = GoldenCheckpoint.of("ultramem-v1");
        Path first = golden.write(temp.resolve("a.safetensors"), "transformer.mem");
        golden.write(temp.resolve("all.safetensors"));
        Path second = temp.resolve("b.safetensors");
        GoldenCheckpoint rest = GoldenCheckpoint.of("no-mem");
        rest.write(second);
        ImportOptions options = new ImportOptions(
                List.of(first, second),
                GoldenCheckpoint.config("ultramem-v1"),
                GoldenCheckpoint.TOKENIZER,
                Optional.empty(),
                List.of(3, 4),
                temp.resolve("out"),
                Optional.empty(),
                Optional.empty(),
                4096 + 100 * 128);
        try (ModelDirectory model = imported(options)) {
            assertThat(model.table(0).files()).isEqualTo(6);
            assertThat(model.config().stopTokens()).containsExactly(3, 4);
        }
        Path all = temp.resolve("all.safetensors");
        assertThatThrownBy(() -> UltraMemImport.run(
                        options(List.of(all, first), options.config(), options.tokenizer(), null, null),
                        ProgressListener.NONE))
                .isInstanceOf(ImportException.class)
                .hasMessage("a.safetensors, transformer.mem_blocks.0.shuffle_index: expected a tensor of one file,"
                        + " found it in all.safetensors too");
    }

    @Test
    void untiedOutputsAreTaken() throws IOException {
        Path config = editedConfig("no-mem", "\"weight_tying\": true", "\"weight_tying\": false");
        Path weights = GoldenCheckpoint.of("no-mem")
                .zeros("transformer.ff_out.weight", DType.F32, 512L, 64L)
                .write(temp.resolve("w.safetensors"));
        try (ModelDirectory model =
                imported(options(List.of(weights), config, GoldenCheckpoint.TOKENIZER, null, null))) {
            assertThat(model.config().tiedOutput()).isFalse();
            assertThat(model.hasDense("transformer.ff_out.weight")).isTrue();
        }
    }

    @Test
    void chatTemplatesAreCopied() throws IOException {
        Path template = Files.writeString(temp.resolve("t.jinja"), "{{ 'é' }}");
        ImportOptions options = new ImportOptions(
                List.of(GoldenCheckpoint.weights("no-mem")),
                GoldenCheckpoint.config("no-mem"),
                GoldenCheckpoint.TOKENIZER,
                Optional.of(template),
                List.of(),
                temp.resolve("out"),
                Optional.empty(),
                Optional.empty());
        try (ModelDirectory model = imported(options)) {
            assertThat(model.chatTemplate()).contains("{{ 'é' }}");
        }
    }

    private Path editedConfig(String name, String from, String to) throws IOException {
        String text = Files.readString(GoldenCheckpoint.config(name));
        assertThat(text).contains(from);
        return Files.writeString(temp.resolve("config.json"), text.replace(from, to));
    }

    private void assertConfigRefused(String from, String to, String message) throws IOException {
        Path config = editedConfig("ultramem-v1", from, to);
        assertRefused(
                options(
                        List.of(GoldenCheckpoint.weights("ultramem-v1")),
                        config,
                        GoldenCheckpoint.TOKENIZER,
                        null,
                        null),
                message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"mem_knum\": 24 | \"mem_knum\": 25 | ultramem-v1.weights.safetensors, transformer.mem_blocks.0.values_for_look_up: expected shape [625, 32], found shape [576, 32]",
                "\"mem_vdim\": 32 | \"mem_vdim\": 64 | ultramem-v1.weights.safetensors, transformer.mem_blocks.0.values_for_look_up: expected shape [576, 64], found shape [576, 32]",
                "\"mem_kdim\": 16 | \"mem_kdim\": 8 | ultramem-v1.weights.safetensors, transformer.mem_blocks.0.keys: expected shape [1, 2, n, 8, r], found shape [1, 2, 48, 16, 2]",
                "\"mem_head\": 1 | \"mem_head\": 2 | ultramem-v1.weights.safetensors, transformer.mem_blocks.0.keys: expected shape [2, 2, n, 16, r], found shape [1, 2, 48, 16, 2]",
                "\"mem_knn\": 8 | \"mem_knn\": 49 | config.json, mem_knn: expected 1 to 48, the keys of an axis, found 49",
                "0:2/3:5 | 0:2 | config.json, mem_insert_way: expected 2 ranges, one for each of the weights' mem_blocks, found 1",
                "\"d_model\": 64 | \"d_model\": 66 | config.json, d_model: expected a multiple of n_heads, 4, found 66",
                "\"d_model\": 64 | \"d_model\": 128 | ultramem-v1.weights.safetensors, transformer.wte.weight: expected shape [512, 128], found shape [512, 64]",
                "\"vocab_size\": 500 | \"vocab_size\": 499 | tokenizer.json, ids: expected 1 to 499 (vocab_size), found 500",
                "\"mem_insert_way\": \"0:2/3:5\" | \"mem_insert_way\": \"no_mem\" | ultramem-v1.weights.safetensors, transformer.mem_blocks.0.keys: expected no tensor of this name in a model without memory layers, found F32 [1, 2, 48, 16, 2]",
            })
    void refusesKeysThatDisagreeWithTheTensors(String from, String to, String message) throws IOException {
        assertConfigRefused(from, to, message);
    }

    @Test
    void refusesOtherVariants() {
        for (String name : List.of("ultramem-v2", "memory-plus")) {
            assertRefused(
                    options(
                            List.of(GoldenCheckpoint.weights("ultramem-v1")),
                            GoldenCheckpoint.config(name),
                            GoldenCheckpoint.TOKENIZER,
                            null,
                            null),
                    name + ".config.json, mem_type: expected ultramem_v1, found " + name.replace('-', '_')
                            + ", which is not supported yet");
        }
    }

    @Test
    void withoutTypeTheNamesDecide() throws IOException {
        Path config = editedConfig("ultramem-v1", "\"mem_type\": \"ultramem_v1\",", "");
        Path weights = GoldenCheckpoint.weights("ultramem-v1");
        imported(options(List.of(weights), config, GoldenCheckpoint.TOKENIZER, null, null))
                .close();
        Path v2 = GoldenCheckpoint.of("ultramem-v1")
                .rename(VALUES, "transformer.full_memory_layer.values_for_look_up")
                .write(temp.resolve("v2.safetensors"));
        assertThatThrownBy(() -> UltraMemImport.run(
                        options(List.of(v2), config, GoldenCheckpoint.TOKENIZER, null, null), ProgressListener.NONE))
                .isInstanceOf(ImportException.class)
                .hasMessage("v2.safetensors, mem_type by transformer.full_memory_layer.values_for_look_up: expected"
                        + " ultramem_v1, found ultramem_v2, which is not supported yet");
        Path plus = GoldenCheckpoint.of("ultramem-v1")
                .zeros(MEMORY + "swilu_projection.weight", DType.F32, 1L)
                .write(temp.resolve("plus.safetensors"));
        assertThatThrownBy(() -> UltraMemImport.run(
                        options(List.of(plus), config, GoldenCheckpoint.TOKENIZER, null, null), ProgressListener.NONE))
                .isInstanceOf(ImportException.class)
                .hasMessage("plus.safetensors, mem_type by transformer.mem_blocks.0.swilu_projection.weight: expected"
                        + " ultramem_v1, found memory_plus, which is not supported yet");
    }

    @Test
    void refusesMissingTensors() {
        assertRefused(
                GoldenCheckpoint.of("ultramem-v1").remove("transformer.blocks.0.attn_norm.weight"),
                "w.safetensors, transformer.blocks.0.attn_norm.weight: expected shape [64], found no such tensor");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "keys | shape [1, 2, n, 16, r]",
                "values_for_look_up | shape [576, 32]",
                "shuffle_index | shape [2304]",
                "tucker_core_u | shape [1, 1, 1, 2]",
                "values_proj.weight | shape [64, 128]",
                "query_proj.weight | shape [32, 64]",
            })
    void refusesMemoryLayersWithoutATensor(String name, String expected) {
        assertRefused(
                GoldenCheckpoint.of("ultramem-v1").remove(MEMORY + name),
                "w.safetensors, " + MEMORY + name + ": expected " + expected + ", found no such tensor");
    }

    @Test
    void refusesAModelWithoutCores() {
        assertRefused(
                GoldenCheckpoint.of("ultramem-v1")
                        .remove(MEMORY + "tucker_core.0")
                        .remove(MEMORY + "tucker_core.1"),
                "w.safetensors, " + MEMORY + "tucker_core.0: expected shape [1, 2, 2], found no such tensor");
    }

    @Test
    void refusesUnexpectedTensors() {
        assertRefused(
                GoldenCheckpoint.of("ultramem-v1").zeros(MEMORY + "pre_values_proj.weight", DType.F32, 16L, 64L),
                "w.safetensors, " + MEMORY + "pre_values_proj.weight: expected no tensor of this name in ultramem_v1,"
                        + " found F32 [16, 64]");
        assertRefusedAgain(
                GoldenCheckpoint.of("ultramem-v1").zeros("transformer.ff_out.weight", DType.F32, 512L, 64L),
                "transformer.ff_out.weight: expected no tensor of this name in ultramem_v1, found F32 [512, 64]");
    }

    private void assertRefusedAgain(GoldenCheckpoint checkpoint, String message) {
        temp.resolve("w.safetensors").toFile().delete();
        assertRefused(checkpoint, "w.safetensors, " + message);
    }

    @Test
    void refusesTypesThatDoNotFit() {
        assertRefused(
                GoldenCheckpoint.of("ultramem-v1").zeros("transformer.ln_f.weight", DType.I32, 64L),
                "w.safetensors, transformer.ln_f.weight dtype: expected F32, BF16, F16 or F64, found I32");
        assertRefusedAgain(
                GoldenCheckpoint.of("ultramem-v1").zeros(MEMORY + "shuffle_index", DType.F32, 2304L),
                MEMORY + "shuffle_index dtype: expected I32 or I64, found F32");
    }

    @Test
    void refusesAGridThatIsNoMultipleOfTheRows() {
        assertRefused(
                GoldenCheckpoint.of("ultramem-v1").zeros(MEMORY + "keys", DType.F32, 1L, 2L, 47L, 16L, 2L),
                "w.safetensors, " + MEMORY + "keys: expected n keys an axis with n * n a multiple of 576 rows and below"
                        + " 2^31, found 47 keys");
    }

    @Test
    void refusesShufflesThatAreNoPermutation() {
        assertRefused(
                GoldenCheckpoint.of("ultramem-v1").edit(MEMORY + "shuffle_index", data -> data.putLong(8 * 7, 2304)),
                "w.safetensors, " + MEMORY + "shuffle_index[7]: expected a number in [0, 2304), found 2304");
        GoldenCheckpoint twice = GoldenCheckpoint.of("ultramem-v1");
        long[] first = new long[1];
        twice.edit(MEMORY + "shuffle_index", data -> {
            first[0] = data.getLong(0);
            data.putLong(8, first[0]);
        });
        assertRefusedAgain(twice, MEMORY + "shuffle_index[1]: expected each number once, found " + first[0] + " again");
    }

    @Test
    void refusesVectorsThatWereNeverTrained() {
        assertRefused(
                GoldenCheckpoint.of("ultramem-v1").zeros(MEMORY + "tucker_core_v", DType.F32, 1L, 1L, 1L, 2L),
                "w.safetensors, " + MEMORY + "tucker_core_v head 0: expected a vector other than 0, found zeros");
    }

    @Test
    void refusesVectorsOfTheOppositeSign() {
        GoldenCheckpoint flipped = GoldenCheckpoint.of("ultramem-v1").edit(MEMORY + "tucker_core_u", data -> {
            data.putFloat(0, -data.getFloat(0));
            data.putFloat(4, -data.getFloat(4));
        });
        Path weights = flipped.write(temp.resolve("w.safetensors"));
        assertThatThrownBy(() -> UltraMemImport.run(
                        options(
                                List.of(weights),
                                GoldenCheckpoint.config("ultramem-v1"),
                                GoldenCheckpoint.TOKENIZER,
                                null,
                                null),
                        ProgressListener.NONE))
                .isInstanceOf(ImportException.class)
                .hasMessageMatching("w\\.safetensors, transformer\\.mem_blocks\\.0\\.tucker_core_u head 0: expected a"
                        + " cosine of at least 0\\.9 with the sum of the cores times tucker_core_v, found -0\\.99.*|"
                        + "w\\.safetensors, transformer\\.mem_blocks\\.0\\.tucker_core_u head 0: expected a cosine of at"
                        + " least 0\\.9 with the sum of the cores times tucker_core_v, found -1\\.0");
    }

    @Test
    void bothVectorsFlippedAreTaken() {
        GoldenCheckpoint flipped = GoldenCheckpoint.of("ultramem-v1");
        for (String name : List.of("tucker_core_u", "tucker_core_v")) {
            flipped.edit(
                    MEMORY + name, data -> data.putFloat(0, -data.getFloat(0)).putFloat(4, -data.getFloat(4)));
        }
        imported(flipped).close();
    }

    @Test
    void refusesRowsThatAreNoNumbers() {
        assertRefused(
                GoldenCheckpoint.of("ultramem-v1").edit(VALUES, data -> data.putFloat(4 * 33, Float.NaN)),
                "w.safetensors, " + VALUES + " row 1: expected finite values up to 3.4028235E38, found NaN");
    }

    @Test
    void refusesValuesThatF16CannotHold() {
        Path weights = GoldenCheckpoint.of("ultramem-v1")
                .edit(VALUES, data -> data.putFloat(4 * 64, -70000))
                .write(temp.resolve("w.safetensors"));
        assertRefused(
                options(
                        List.of(weights),
                        GoldenCheckpoint.config("ultramem-v1"),
                        GoldenCheckpoint.TOKENIZER,
                        null,
                        RowType.F16),
                "w.safetensors, " + VALUES + " row 2: expected finite values up to 65504.0, found -70000.0");
    }

    @Test
    void refusesTruncatedWeights() throws IOException {
        byte[] whole = Files.readAllBytes(GoldenCheckpoint.weights("ultramem-v1"));
        Path weights = Files.write(temp.resolve("w.safetensors"), Arrays.copyOf(whole, whole.length - 1));
        ImportOptions options = options(
                List.of(weights), GoldenCheckpoint.config("ultramem-v1"), GoldenCheckpoint.TOKENIZER, null, null);
        assertThatThrownBy(() -> UltraMemImport.run(options, ProgressListener.NONE))
                .isInstanceOf(TensorException.class)
                .hasMessage("w.safetensors @ header, data: expected 1261152 bytes, found 1261151 bytes");
    }

    @Test
    void refusesAnOutputThatExists() throws IOException {
        Path out = Files.createDirectory(temp.resolve("out"));
        assertThatThrownBy(() -> imported("no-mem", null, null))
                .isInstanceOf(StoreException.class)
                .hasMessage(out + ", output: expected a name that is free, found one that exists");
    }

    @Test
    void refusesFilesThatAreNotThere() {
        Path none = temp.resolve("none");
        Path config = GoldenCheckpoint.config("no-mem");
        List<Path> weights = List.of(GoldenCheckpoint.weights("no-mem"));
        assertRefused(
                options(weights, none, GoldenCheckpoint.TOKENIZER, null, null),
                none + ", file: expected a readable file, found no such file");
        assertRefused(
                options(List.of(), config, GoldenCheckpoint.TOKENIZER, null, null),
                "weights, files: expected at least one, found none");
    }

    @Test
    void theYamlOfATrainerIsTaken() throws IOException {
        StringBuilder yaml = new StringBuilder("run_name: x\nmodel:\n");
        for (String line : Files.readAllLines(GoldenCheckpoint.config("ultramem-v1"))) {
            if (line.startsWith(" ")) {
                yaml.append("  ")
                        .append(line.strip().replaceAll(",$", "").replace("\"", ""))
                        .append('\n');
            }
        }
        String text = yaml.toString().replace("mem_insert_way: 0:2/3:5", "mem_insert_way: '0:2/3:5'");
        assertThat(text).contains("layer_norm_eps: 1e-05\n");
        Path config = Files.writeString(temp.resolve("config.yaml"), text + "optimizer:\n  name: adamw\n");
        Path weights = GoldenCheckpoint.weights("ultramem-v1");
        String fromYaml;
        try (ModelDirectory model =
                imported(options(List.of(weights), config, GoldenCheckpoint.TOKENIZER, null, null))) {
            fromYaml = model.digest();
        }
        ImportOptions json = new ImportOptions(
                List.of(weights),
                GoldenCheckpoint.config("ultramem-v1"),
                GoldenCheckpoint.TOKENIZER,
                Optional.empty(),
                List.of(),
                temp.resolve("json"),
                Optional.empty(),
                Optional.empty(),
                ModelWriter.MAX_FILE_BYTES);
        try (ModelDirectory model = imported(json)) {
            assertThat(model.digest()).isEqualTo(fromYaml);
        }
    }
}
