package dev.loci.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.loci.kernel.RowType;
import dev.loci.kernel.TableRows;
import dev.loci.kernel.WeightType;
import dev.loci.store.FakeMemory;
import dev.loci.store.HugePages;
import dev.loci.store.ModelDirectory;
import dev.loci.store.ProgressListener;
import dev.loci.store.RowEncoder;
import dev.loci.store.TableLayout;
import dev.loci.tensor.DType;
import dev.loci.tensor.FloatElements;
import dev.loci.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SyntheticModelTest {
    private static final String MEMORY = "transformer.mem_blocks.1.";

    @TempDir
    private Path temp;

    private SyntheticModel.Options options(String out, WeightType dense, RowType table, long seed, long maxBytes) {
        return new SyntheticModel.Options(
                GoldenCheckpoint.config("ultramem-v1-2head"),
                Optional.empty(),
                temp.resolve(out),
                Optional.of(dense),
                Optional.of(table),
                seed,
                maxBytes);
    }

    private ModelDirectory made(SyntheticModel.Options options) {
        SyntheticModel.run(options, ProgressListener.NONE);
        return ModelDirectory.open(options.out(), new FakeMemory(), HugePages.OFF);
    }

    private static float[] floats(Tensor tensor) {
        float[] out = new float[(int) tensor.elements()];
        FloatElements.read(tensor.dtype(), tensor.data(), 0, out, out.length);
        return out;
    }

    @Test
    void theSameSeedGivesTheSameBytes() {
        String first;
        try (ModelDirectory model = made(options("a", WeightType.BF16, RowType.INT8, 7, 1L << 30))) {
            first = model.digest();
        }
        try (ModelDirectory model = made(options("b", WeightType.BF16, RowType.INT8, 7, 1L << 30))) {
            assertThat(model.digest()).isEqualTo(first);
        }
        try (ModelDirectory model = made(options("c", WeightType.BF16, RowType.INT8, 8, 1L << 30))) {
            assertThat(model.digest()).isNotEqualTo(first);
        }
    }

    @ParameterizedTest
    @EnumSource(RowType.class)
    void rowsHaveADeviationOfAFiftiethHoweverTheyAreSplit(RowType type) {
        double squares = 0;
        float[] seventh;
        try (ModelDirectory model = made(options("whole", WeightType.F32, type, 1, 1L << 30))) {
            TableLayout layout = model.table(0).layout();
            TableRows rows = model.table(0).rows();
            for (int i = 0; i < 576; i++) {
                long offset = (long) i * layout.stride();
                float[] row = RowEncoder.decode(layout, rows.parts().getFirst().data(), offset);
                for (float value : row) {
                    assertThat(Math.abs(value)).isLessThan(0.12f);
                    squares += value * value;
                }
            }
            seventh = RowEncoder.decode(layout, rows.parts().getFirst().data(), 7L * layout.stride());
        }
        assertThat(Math.sqrt(squares / (576 * 32))).isCloseTo(0.02, within(0.003));
        long maxBytes = 4096 + 7L * new TableLayout(type, 32).stride();
        try (ModelDirectory model = made(options("split", WeightType.F32, type, 1, maxBytes))) {
            TableRows.Part second = model.table(0).rows().parts().get(1);
            assertThat(second.firstRow()).isEqualTo(7);
            assertThat(RowEncoder.decode(model.table(0).layout(), second.data(), 0))
                    .isEqualTo(seventh);
        }
    }

    @ParameterizedTest
    @EnumSource(WeightType.class)
    void aModelPassesTheChecksOfAnImport(WeightType type) {
        try (ModelDirectory model = made(options("model", type, RowType.F32, 3, 1L << 30))) {
            assertThat(model.config().source()).isEqualTo("synthetic");
            model.verify(ProgressListener.NONE);
            float[] core0 = floats(model.dense(MEMORY + "tucker_core.0"));
            float[] core1 = floats(model.dense(MEMORY + "tucker_core.1"));
            float[] u = floats(model.dense(MEMORY + "tucker_core_u"));
            float[] v = floats(model.dense(MEMORY + "tucker_core_v"));
            for (int head = 0; head < 2; head++) {
                double[] product = new double[2];
                for (int i = 0; i < 2; i++) {
                    for (int j = 0; j < 2; j++) {
                        int at = head * 4 + i * 2 + j;
                        product[i] += (core0[at] + core1[at]) * v[head * 2 + j];
                    }
                }
                double dot = product[0] * u[head * 2] + product[1] * u[head * 2 + 1];
                assertThat(dot / Math.hypot(product[0], product[1])).isCloseTo(1, within(0.02));
                assertThat(u[head * 2]).isPositive();
            }
            assertThat(floats(model.dense("transformer.ln_f.weight"))).containsOnly(1);
            assertThat(floats(model.dense(MEMORY + "keys_norm.weight"))[0]).isCloseTo(0.4f, within(0.002f));
        }
    }

    @Test
    void shufflesArePermutations() {
        try (ModelDirectory model = made(options("model", WeightType.INT8, RowType.INT4, 3, 1L << 30))) {
            Tensor shuffle = model.dense(MEMORY + "shuffle_index");
            assertThat(shuffle.dtype()).isEqualTo(DType.I32);
            BitSet seen = new BitSet();
            int fixed = 0;
            for (int i = 0; i < 2304; i++) {
                int value = shuffle.data().getAtIndex(ValueLayout.JAVA_INT, i);
                assertThat(value).isBetween(0, 2303);
                seen.set(value);
                fixed += value == i ? 1 : 0;
            }
            assertThat(seen.cardinality()).isEqualTo(2304);
            assertThat(fixed).isLessThan(20);
        }
    }

    @Test
    void quantisedRowsHaveNoValueThatAnEncoderNeverWrites() {
        assertThat(RandomRows.withoutLeastByte(0x80_00_7f_81_80_ff_01_80L)).isEqualTo(0x81_00_7f_81_81_ff_01_81L);
        assertThat(RandomRows.withoutZeroNibble(0x0f_80_00_11_01_10_f0_9aL)).isEqualTo(0x1f_81_11_11_11_11_f1_9aL);
    }

    @Test
    void theTokenizerHasATokenForEachByte() throws IOException {
        String text = ByteTokenizer.write("c", 300, 2, OptionalInt.of(0));
        Path file = Files.writeString(temp.resolve("t.json"), text);
        dev.loci.store.TokenizerFile.check(file, 300, ImportException::of);
        assertThat(text)
                .contains("\"<|pad|>\" : 0,", "\"<|endoftext|>\" : 2,", "\"<|t258|>\" : 258", "\"<|t299|>\" : 299");
        assertThat(ByteTokenizer.letter(' ')).isEqualTo("Ġ");
        assertThat(ByteTokenizer.letter('\n')).isEqualTo("Ċ");
        assertThat(ByteTokenizer.letter(0xad)).isEqualTo("Ń");
        assertThat(ByteTokenizer.letter('a')).isEqualTo("a");
        assertThatThrownBy(() -> ByteTokenizer.write("c", 257, 0, OptionalInt.empty()))
                .isInstanceOf(ImportException.class)
                .hasMessage(
                        "c, vocab_size: expected at least 258 for a byte-level tokenizer, or a tokenizer of your own,"
                                + " found 257");
    }

    @Test
    void aTokenizerOfOnesOwnIsCopied() {
        SyntheticModel.Options options = new SyntheticModel.Options(
                GoldenCheckpoint.config("no-mem"),
                Optional.of(GoldenCheckpoint.TOKENIZER),
                temp.resolve("model"),
                Optional.empty(),
                Optional.empty(),
                1);
        try (ModelDirectory model = made(options)) {
            assertThat(model.tokenizerFile()).hasSameBinaryContentAs(GoldenCheckpoint.TOKENIZER);
            assertThat(model.config().denseType()).isEqualTo(WeightType.BF16);
            assertThat(model.config().memory()).isEmpty();
        }
    }
}
