package dev.loci.engine;

import dev.loci.importer.ImportOptions;
import dev.loci.importer.UltraMemImport;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.tensor.SafetensorsFile;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A golden model: the authors' own weights and logits (src/test/resources/golden).
/// @param ids    `[batch][time]`
/// @param logits `[batch][time][columns]`
@SuppressWarnings("ArrayRecordComponent") // read by index; nobody compares goldens
public record Golden(String name, int[][] ids, float[][][] logits) {
    private static final Path FOLDER = Path.of("src", "test", "resources", "golden");

    public static Golden load(String name) {
        try (SafetensorsFile expected = SafetensorsFile.open(FOLDER.resolve(name + ".expected.safetensors"))) {
            List<Long> shape = expected.tensor("logits").shape();
            int batch = Math.toIntExact(shape.get(0));
            int time = Math.toIntExact(shape.get(1));
            int columns = Math.toIntExact(shape.get(2));
            int[][] ids = new int[batch][time];
            float[][][] logits = new float[batch][time][columns];
            for (int b = 0; b < batch; b++) {
                for (int t = 0; t < time; t++) {
                    ids[b][t] = expected.tensor("input_ids")
                            .data()
                            .get(ValueLayout.JAVA_INT_UNALIGNED, 4L * (b * time + t));
                    for (int c = 0; c < columns; c++) {
                        logits[b][t][c] = expected.tensor("logits")
                                .data()
                                .get(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * ((long) (b * time + t) * columns + c));
                    }
                }
            }
            return new Golden(name, ids, logits);
        }
    }

    /// Imports the model's weights, or others of the same shape.
    public static Path imported(String name, Path weights, Path out, WeightType dense, RowType table) {
        UltraMemImport.run(
                new ImportOptions(
                        List.of(weights),
                        FOLDER.resolve(name + ".config.json"),
                        FOLDER.resolve("tokenizer.json"),
                        Optional.empty(),
                        List.of(),
                        out,
                        Optional.of(dense),
                        Optional.of(table)),
                (done, total) -> {});
        return out;
    }

    public static Path weights(String name) {
        return FOLDER.resolve(name + ".weights.safetensors");
    }
}
