package dev.loci.store;

import dev.loci.kernel.Norm;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.store.ModelConfig.Memory;
import dev.loci.store.ModelConfig.Span;
import dev.loci.tensor.SafetensorsWriter.Declared;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// The smallest model with two memory layers: rows of the tables hold their number in every byte.
final class SmallModel {
    static final String TOKENIZER = "{\"model\":{\"vocab\":{\"a\":0,\"b\":1,\"c\":2}}}\n";
    static final int ROWS = 9;

    private SmallModel() {}

    static Memory memory(RowType type) {
        return new Memory(List.of(new Span(0, 0), new Span(1, 2)), 1, 4, 6, 2, 2, 4, ROWS, 10, 3, 1e-5f, type);
    }

    static ModelConfig config(WeightType dense, Optional<Memory> memory) {
        return new ModelConfig(
                "ultramem",
                8,
                3,
                2,
                1,
                4,
                6,
                32,
                3,
                4,
                10000,
                Norm.Kind.RMS,
                1e-5f,
                true,
                true,
                true,
                OptionalDouble.of(8),
                false,
                List.of(0, 2),
                OptionalInt.of(1),
                dense,
                memory);
    }

    static ModelContents contents(ModelConfig config) {
        List<ModelContents.Dense> dense = new ArrayList<>();
        for (DenseTensor tensor : DenseTensor.of(config)) {
            Declared declared = new Declared(
                    tensor.name(),
                    tensor.dtypes(config.denseType()).stream()
                            .sorted()
                            .findFirst()
                            .orElseThrow(),
                    tensor.shape());
            dense.add(new ModelContents.Dense(declared, 1, (first, count, out) -> out.fill((byte) 1)));
        }
        List<RowSource> tables = new ArrayList<>();
        config.memory().ifPresent(memory -> {
            long stride = memory.table().stride();
            for (int layer = 0; layer < memory.spans().size(); layer++) {
                tables.add((first, count, out) -> {
                    for (long i = 0; i < out.byteSize(); i++) {
                        out.set(ValueLayout.JAVA_BYTE, i, (byte) (first + i / stride));
                    }
                });
            }
        });
        return new ModelContents(config, dense, tables, TOKENIZER, Optional.of("{{ messages }}"));
    }

    static void write(Path out, long maxFileBytes) {
        ModelConfig config = config(WeightType.INT8, Optional.of(memory(RowType.INT8)));
        ModelWriter.write(contents(config), out, maxFileBytes, ProgressListener.NONE);
    }
}
