package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.KvType;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.kernel.select.Isa;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import dev.loci.model.ForwardPass;
import dev.loci.model.Model;
import dev.loci.model.StepBatch;
import dev.loci.model.WeightPacker;
import dev.loci.store.HugePages;
import dev.loci.store.ModelDirectory;
import dev.loci.tensor.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Imported checkpoints give the logits that the authors' own forward pass gave.
final class GoldenLogitsTest {
    private static final double TOLERANCE = 2e-4;

    private static final List<String> MODELS = List.of("no-mem", "ultramem-v1", "ultramem-v1-2head");

    @TempDir
    Path temporary;

    @TestFactory
    List<DynamicTest> everyLogitOfEveryGoldenOnEveryBackend() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String name : MODELS) {
            Golden golden = Golden.load(name);
            Path directory =
                    Golden.imported(name, Golden.weights(name), temporary.resolve(name), WeightType.F32, RowType.F32);
            for (KernelOptions backend : backends()) {
                tests.add(DynamicTest.dynamicTest(
                        name + " on " + label(backend),
                        () -> assertThat(largestDifference(golden, directory, backend))
                                .isLessThan(TOLERANCE)));
            }
        }
        return tests;
    }

    @Test
    void aFlippedSignOfTheRankOneVectorsMovesTheLogits() throws IOException {
        String name = "ultramem-v1";
        Path weights = temporary.resolve("flipped.safetensors");
        Files.copy(Golden.weights(name), weights, StandardCopyOption.REPLACE_EXISTING);
        flipSign(weights, "transformer.mem_blocks.0.tucker_core_u");
        flipSign(weights, "transformer.mem_blocks.0.tucker_core_v");
        Path directory = Golden.imported(name, weights, temporary.resolve("flipped"), WeightType.F32, RowType.F32);
        assertThat(largestDifference(Golden.load(name), directory, scalar())).isGreaterThan(0.05);
    }

    /// Runs both sequences of the golden in one batch, their prompts cut into chunks of different length.
    private static double largestDifference(Golden golden, Path directory, KernelOptions backend) {
        MappedMemory memory = KernelSelector.mappedMemory(backend);
        try (ModelDirectory files = ModelDirectory.open(directory, memory, HugePages.OFF);
                Kernels kernels = KernelSelector.open(backend).kernels();
                Model model = Model.open(files, new WeightPacker(kernels, memory, false));
                ForwardPass pass = new ForwardPass(model, kernels, 16);
                KvCache cache = new KvCache(model.config(), KvType.F32, 64, golden.ids().length, true, memory);
                Arena arena = Arena.ofConfined()) {
            StepBatch batch = new StepBatch(arena, 16);
            int time = golden.ids()[0].length;
            int[] rows = new int[golden.ids().length];
            int[] done = new int[golden.ids().length];
            for (int s = 0; s < rows.length; s++) {
                rows[s] = cache.acquireRow();
                cache.extend(rows[s], time);
            }
            double largest = 0;
            for (int step = 0; done[0] < time || done[1] < time; step++) {
                batch.clear();
                List<int[]> places = new ArrayList<>();
                for (int s = 0; s < rows.length; s++) {
                    int chunk = Math.min(time - done[s], (step + s) % 3 == 0 ? 1 : 7);
                    for (int i = 0; i < chunk; i++) {
                        batch.add(rows[s], golden.ids()[s][done[s]], done[s], true);
                        places.add(new int[] {s, done[s]++});
                    }
                }
                pass.run(batch, cache);
                MemorySegment logits = pass.logits(0, batch.outputs());
                for (int o = 0; o < batch.outputs(); o++) {
                    float[] expected = golden.logits()[places.get(o)[0]][places.get(o)[1]];
                    for (int c = 0; c < expected.length; c++) {
                        float found = logits.getAtIndex(ValueLayout.JAVA_FLOAT, (long) o * expected.length + c);
                        largest = Math.max(largest, Math.abs(found - expected[c]));
                    }
                }
            }
            return largest;
        }
    }

    private static void flipSign(Path weights, String name) throws IOException {
        long offset;
        byte[] values;
        try (SafetensorsFile file = SafetensorsFile.open(weights)) {
            MemorySegment data = file.tensor(name).data();
            offset = data.address() - file.mapping().address();
            values = data.toArray(ValueLayout.JAVA_BYTE);
        }
        for (int last = 3; last < values.length; last += 4) {
            values[last] ^= (byte) 0x80;
        }
        try (FileChannel channel = FileChannel.open(weights, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(values), offset);
        }
    }

    private static List<KernelOptions> backends() {
        List<KernelOptions> backends = new ArrayList<>();
        backends.add(scalar());
        for (Isa isa : List.of(Isa.GENERIC, Isa.AVX2, Isa.AVX512)) {
            backends.add(new KernelOptions(KernelBackend.NATIVE, 2, Optional.of(isa)));
        }
        return backends;
    }

    private static KernelOptions scalar() {
        return new KernelOptions(KernelBackend.SCALAR, 1, Optional.empty());
    }

    private static String label(KernelOptions backend) {
        return backend.backend() == KernelBackend.SCALAR
                ? "scalar"
                : "native, at most " + backend.cap().orElseThrow();
    }
}
