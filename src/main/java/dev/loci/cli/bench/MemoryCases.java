package dev.loci.cli.bench;

import dev.loci.kernel.Hits;
import dev.loci.kernel.LimitKernel.Product;
import dev.loci.kernel.RetrievalKeys;
import dev.loci.kernel.TableRows;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Calls of the kernels of a memory layer, in a model's shapes.
final class MemoryCases {
    private static final List<Integer> TOKENS = List.of(1, 8, 32);
    private static final long TABLE_BYTES = 512L << 20;

    private final RandomData data;
    private final ModelConfig.Memory memory;
    private final MachineLimits limits;

    MemoryCases(RandomData data, ModelConfig.Memory memory, MachineLimits limits) {
        this.data = data;
        this.memory = memory;
        this.limits = limits;
    }

    void all(Consumer<KernelCase> to) {
        RetrievalKeys keys = data.keys(memory);
        TableRows table =
                data.table(memory.tableType(), memory.valueDim(), memory.table().stride(), TABLE_BYTES);
        for (int tokens : TOKENS) {
            retrieve(tokens, keys, to);
            pool(tokens, table, to);
        }
    }

    private void retrieve(int tokens, RetrievalKeys keys, Consumer<KernelCase> to) {
        MemorySegment queries = data.floats(2L * tokens * memory.keyDim(), 1);
        long count = (long) tokens * memory.hits();
        MemorySegment rows = data.zeros(4 * count);
        MemorySegment groups = data.zeros(4 * count);
        to.accept(new KernelCase(
                "retrieve",
                parameters("tokens", tokens),
                keys.keys().byteSize(),
                limits.readBytes(),
                keys.keys().byteSize() / 4.0 * tokens,
                limits.operations(Product.F32),
                4 * count * memory.cores(),
                (kernels, out) -> kernels.retrieval()
                        .retrieve(queries, tokens, keys, new Hits(rows, groups, out, memory.hits(), memory.cores())),
                this::scores));
    }

    /// The score of each hit, in order of score within a head: hits of almost equal scores may change places.
    private float[] scores(MemorySegment weights) {
        float[] each = weights.toArray(ValueLayout.JAVA_FLOAT);
        float[] scores = new float[each.length / memory.cores()];
        for (int i = 0; i < each.length; i++) {
            scores[i / memory.cores()] += each[i];
        }
        for (int first = 0; first < scores.length; first += memory.top()) {
            Arrays.sort(scores, first, first + memory.top());
        }
        return scores;
    }

    /// Other rows in each call, so that most of them come from memory.
    private void pool(int tokens, TableRows table, Consumer<KernelCase> to) {
        int rowBytes = memory.tableType().rowBytes(memory.valueDim());
        double bytes = (double) tokens * memory.hits() * rowBytes;
        Map<String, Object> parameters = parameters("type", KernelCase.name(memory.tableType()));
        parameters.put("row_bytes", rowBytes);
        parameters.put("tokens", tokens);
        try (Arena arena = Arena.ofShared()) {
            RandomData inputs = new RandomData(arena);
            int sets = (int) Math.max(1, (64L << 20) / (long) Math.max(1, bytes));
            Hits[] hits = new Hits[Math.min(sets, 1024)];
            for (int i = 0; i < hits.length; i++) {
                hits[i] = inputs.hits(tokens, memory.hits(), memory.cores(), memory.groups(), table.rows());
            }
            int[] next = {0};
            to.accept(new KernelCase(
                    "pool",
                    parameters,
                    bytes,
                    limits.rows(rowBytes).orElse(limits.readBytes()),
                    0,
                    0,
                    4L * tokens * memory.groups() * memory.valueDim(),
                    (kernels, out) ->
                            kernels.pool().pool(table, hits[next[0]++ % hits.length], tokens, memory.groups(), out),
                    out -> {
                        next[0] = 0;
                        return KernelCase.floats(out);
                    }));
        }
    }

    private static Map<String, Object> parameters(String name, Object value) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put(name, value);
        return parameters;
    }
}
