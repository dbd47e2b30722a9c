package dev.loci.store;

import dev.loci.tensor.SafetensorsWriter;
import java.util.List;
import java.util.Optional;

/// What a model directory is to be made of.
/// @param dense        every tensor that [DenseTensor#of] lists for the configuration, in any order
/// @param tables       rows of each memory layer's table, in the configuration's layout
/// @param tokenizer    text of tokenizer.json
/// @param chatTemplate text of the template, if there is one
public record ModelContents(
        ModelConfig config,
        List<Dense> dense,
        List<RowSource> tables,
        String tokenizer,
        Optional<String> chatTemplate) {
    /// A dense tensor as `rows` rows of equal size.
    public record Dense(SafetensorsWriter.Declared tensor, long rows, RowSource source) {
        public Dense {
            if (rows < 1 || tensor.bytes() % rows != 0) {
                throw new IllegalArgumentException(
                        tensor.name() + ", rows: expected a divisor of " + tensor.bytes() + ", found " + rows);
            }
        }

        public long rowBytes() {
            return tensor.bytes() / rows;
        }
    }

    public ModelContents {
        dense = List.copyOf(dense);
        tables = List.copyOf(tables);
        int layers = config.memory().map(memory -> memory.spans().size()).orElse(0);
        if (tables.size() != layers) {
            throw new IllegalArgumentException("tables: expected " + layers + ", found " + tables.size());
        }
    }

    /// Bytes of all tensors.
    public long tensorBytes() {
        long bytes = dense.stream().mapToLong(each -> each.tensor().bytes()).sum();
        long tableBytes = config.memory()
                .map(memory -> memory.table().bytes(memory.rows()))
                .orElse(0L);
        return Math.addExact(bytes, Math.multiplyExact(tableBytes, (long) tables.size()));
    }
}
