package dev.loci.cli.bench;

import dev.loci.kernel.Activations;
import dev.loci.kernel.KvPages;
import dev.loci.kernel.KvType;
import dev.loci.kernel.LimitKernel.Product;
import dev.loci.kernel.Matrix;
import dev.loci.kernel.Norm;
import dev.loci.kernel.PackKernel;
import dev.loci.kernel.SampleResults;
import dev.loci.kernel.SampleRow;
import dev.loci.kernel.SampleRows;
import dev.loci.kernel.StepTokens;
import dev.loci.kernel.WeightType;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// Calls of the kernels that every model has, in a model's shapes.
final class DenseCases {
    private static final List<Integer> TOKENS = List.of(1, 8, 32);
    private static final int CONTEXT = 1024;

    private final RandomData data;
    private final ModelConfig config;
    private final MachineLimits limits;
    private final PackKernel pack;

    /// @param pack lays matrices out in panels
    DenseCases(RandomData data, ModelConfig config, MachineLimits limits, PackKernel pack) {
        this.data = data;
        this.config = config;
        this.limits = limits;
        this.pack = pack;
    }

    /// @param bf16 whether products of bf16 with bf16 are of interest
    void products(boolean quick, boolean bf16, Consumer<KernelCase> to) {
        for (WeightType type : WeightType.values()) {
            try (Arena arena = Arena.ofShared()) {
                RandomData weights = new RandomData(arena);
                product("ffn_in", type, 2 * config.ffnInner(), config.width(), weights, bf16, to);
                if (!quick) {
                    product("ffn_out", type, config.width(), config.ffnInner(), weights, bf16, to);
                }
            }
        }
    }

    private void product(
            String what,
            WeightType type,
            int rows,
            int columns,
            RandomData data,
            boolean bf16,
            Consumer<KernelCase> to) {
        Matrix matrix = data.matrix(type, rows, columns);
        switch (type) {
            case F32 -> product(what, matrix, Activations.F32, limits.operations(Product.F32), data, to);
            case BF16 -> {
                Matrix panels = data.panels(matrix, pack);
                product(what, panels, Activations.F32, limits.operations(Product.F32), data, to);
                if (bf16) {
                    double operations = limits.operations(Product.F32, Product.BF16, Product.TILE_BF16);
                    product(what, panels, Activations.BF16, operations, data, to);
                }
            }
            case INT8 -> {
                double operations = limits.operations(Product.F32, Product.INT8, Product.TILE_INT8);
                product(what, data.panels(matrix, pack), Activations.INT8, operations, data, to);
            }
        }
    }

    private void product(
            String what,
            Matrix matrix,
            Activations activations,
            double operations,
            RandomData inputs,
            Consumer<KernelCase> to) {
        for (int tokens : TOKENS) {
            MemorySegment x = inputs.floats((long) tokens * matrix.columns(), 1);
            Map<String, Object> parameters =
                    parameters("type", KernelCase.name(matrix.type()) + "*" + KernelCase.name(activations));
            parameters.put("shape", what + " " + matrix.rows() + "x" + matrix.columns());
            parameters.put("tokens", tokens);
            to.accept(new KernelCase(
                    "matmul",
                    parameters,
                    matrix.data().byteSize(),
                    limits.readBytes(),
                    (double) matrix.rows() * matrix.columns() * tokens,
                    operations,
                    4L * tokens * matrix.rows(),
                    (kernels, out) -> kernels.matMul().multiply(x, tokens, matrix, activations, out, false),
                    KernelCase::floats));
        }
    }

    void others(Consumer<KernelCase> to) {
        for (int tokens : TOKENS) {
            attention(tokens, to);
            norm(tokens, to);
            swiglu(tokens, to);
            sample(tokens, to);
        }
    }

    private void attention(int tokens, Consumer<KernelCase> to) {
        int context = Math.min(CONTEXT, config.contextTokens());
        try (Arena arena = Arena.ofShared()) {
            RandomData inputs = new RandomData(arena);
            KvPages cache = new FlatCache(arena, config, KvType.F16, 1, tokens, context).layer(0);
            inputs.halves(cache.keys());
            inputs.halves(cache.values());
            int[] positions = new int[tokens];
            int[] sequences = new int[tokens];
            for (int t = 0; t < tokens; t++) {
                positions[t] = context - 1;
                sequences[t] = t;
            }
            StepTokens places = new StepTokens(inputs.positions(positions), inputs.positions(sequences), tokens);
            long columns = (long) config.heads() * config.headDim();
            MemorySegment q = inputs.floats(tokens * columns, 1);
            Map<String, Object> parameters = parameters("tokens", tokens);
            parameters.put("context", context);
            to.accept(new KernelCase(
                    "attention",
                    parameters,
                    cache.keys().byteSize() * 2.0,
                    limits.readBytes(),
                    2.0 * tokens * context * columns,
                    limits.operations(Product.F32),
                    4L * tokens * columns,
                    (kernels, out) -> kernels.attention().attend(q, config.heads(), places, cache, out),
                    KernelCase::floats));
        }
    }

    private void norm(int tokens, Consumer<KernelCase> to) {
        MemorySegment x = data.floats((long) tokens * config.width(), 1);
        Norm norm = new Norm(config.norm(), data.floats(config.width(), 1), config.width(), config.normEps());
        double bytes = x.byteSize() * 2.0;
        to.accept(new KernelCase(
                "norm",
                parameters("tokens", tokens),
                bytes,
                limits.readBytes(),
                0,
                0,
                x.byteSize(),
                (kernels, out) -> kernels.norm().normalize(x, tokens, norm, out),
                KernelCase::floats));
    }

    private void swiglu(int tokens, Consumer<KernelCase> to) {
        int inner = config.ffnInner();
        MemorySegment x = data.floats(2L * tokens * inner, 4);
        to.accept(new KernelCase(
                "swiglu",
                parameters("tokens", tokens),
                x.byteSize() * 1.5,
                limits.readBytes(),
                0,
                0,
                x.byteSize() / 2,
                (kernels, out) -> kernels.swiglu().activate(x, tokens, inner, out),
                KernelCase::floats));
    }

    /// At temperature 1 with top_p, the costliest that is usual.
    private void sample(int tokens, Consumer<KernelCase> to) {
        int columns = config.embeddingRows();
        MemorySegment logits = data.floats((long) tokens * columns, 8);
        SampleRow row = new SampleRow(-1, 1, 0.9, 0, 0, 1, 0, 0, 0.5, -1, 0, 0, 0, 0, 0, 0, 0);
        SampleRows rows = new SampleRows(
                Collections.nCopies(tokens, row),
                MemorySegment.NULL,
                MemorySegment.NULL,
                MemorySegment.NULL,
                MemorySegment.NULL);
        MemorySegment logprobs = data.zeros(8L * tokens);
        to.accept(new KernelCase(
                "sample",
                parameters("tokens", tokens),
                logits.byteSize(),
                limits.readBytes(),
                0,
                0,
                4L * tokens,
                (kernels, out) -> kernels.sample()
                        .sample(
                                logits,
                                columns,
                                config.vocabSize(),
                                rows,
                                new SampleResults(out, logprobs, MemorySegment.NULL, MemorySegment.NULL, 0)),
                out -> chosen(out, logits, columns)));
    }

    /// The logit of each id: two ids of almost equal logits may change places.
    private static float[] chosen(MemorySegment ids, MemorySegment logits, int columns) {
        float[] chosen = new float[(int) (ids.byteSize() / 4)];
        for (int t = 0; t < chosen.length; t++) {
            int id = ids.getAtIndex(ValueLayout.JAVA_INT, t);
            chosen[t] = id < 0 ? Float.NaN : logits.getAtIndex(ValueLayout.JAVA_FLOAT, (long) t * columns + id);
        }
        return chosen;
    }

    private static Map<String, Object> parameters(String name, Object value) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put(name, value);
        return parameters;
    }
}
