package dev.loci.store;

import dev.loci.kernel.WeightType;
import dev.loci.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// A tensor of `model.safetensors`, as a configuration implies it.
public record DenseTensor(String name, List<Long> shape, Role role) {
    public enum Role {
        /// A matrix of the dense type; int8 ones have one f32 scale a row in a tensor of the same name with [#SCALE].
        MATRIX,
        /// Norm weights, keys and Tucker cores: never quantised, in the type of the source.
        PRECISE,
        SCALE,
        /// 32-bit numbers of virtual slots.
        INDEX
    }

    public static final String SCALE = ".scale";
    public static final String EMBEDDING = "transformer.wte.weight";
    public static final String OUTPUT = "transformer.ff_out.weight";
    public static final String FINAL_NORM = "transformer.ln_f.weight";

    public DenseTensor {
        shape = List.copyOf(shape);
    }

    public static String block(int block, String name) {
        return "transformer.blocks." + block + "." + name;
    }

    public static String memory(int layer, String name) {
        return "transformer.mem_blocks." + layer + "." + name;
    }

    /// Types that the tensor may have in a model whose matrices have type `dense`.
    public Set<DType> dtypes(WeightType dense) {
        return switch (role) {
            case MATRIX -> Set.of(matrixType(dense));
            case PRECISE -> Set.of(DType.F32, DType.BF16, DType.F16);
            case SCALE -> Set.of(DType.F32);
            case INDEX -> Set.of(DType.I32);
        };
    }

    public static DType matrixType(WeightType dense) {
        return switch (dense) {
            case F32 -> DType.F32;
            case BF16 -> DType.BF16;
            case INT8 -> DType.I8;
        };
    }

    /// All tensors of a model of this configuration, scales included.
    public static List<DenseTensor> of(ModelConfig config) {
        List<DenseTensor> out = new ArrayList<>();
        for (DenseTensor tensor : unscaled(config)) {
            out.add(tensor);
            if (tensor.role() == Role.MATRIX && config.denseType() == WeightType.INT8) {
                out.add(new DenseTensor(
                        tensor.name() + SCALE, List.of(tensor.shape().getFirst()), Role.SCALE));
            }
        }
        return out;
    }

    /// All tensors but the scales: those that a source has too, under the same names.
    public static List<DenseTensor> unscaled(ModelConfig config) {
        List<DenseTensor> out = new ArrayList<>();
        long width = config.width();
        out.add(matrix(EMBEDDING, config.embeddingRows(), width));
        for (int block = 0; block < config.layers(); block++) {
            addBlock(out, config, block);
        }
        if (config.normAffine()) {
            out.add(precise(FINAL_NORM, width));
        }
        if (!config.tiedOutput()) {
            out.add(matrix(OUTPUT, config.embeddingRows(), width));
        }
        config.memory().ifPresent(memory -> {
            for (int layer = 0; layer < memory.spans().size(); layer++) {
                addMemory(out, memory, layer, width);
            }
        });
        return out;
    }

    private static void addBlock(List<DenseTensor> out, ModelConfig config, int block) {
        long width = config.width();
        if (config.normAffine()) {
            out.add(precise(block(block, "attn_norm.weight"), width));
            out.add(precise(block(block, "ff_norm.weight"), width));
        }
        if (config.qkNorm() && config.qkNormAffine()) {
            out.add(precise(block(block, "q_norm.weight"), config.headDim()));
            out.add(precise(block(block, "k_norm.weight"), config.headDim()));
        }
        out.add(matrix(block(block, "att_proj.weight"), config.qkvRows(), width));
        out.add(matrix(block(block, "attn_out.weight"), width, width));
        out.add(matrix(block(block, "ff_proj.weight"), 2L * config.ffnInner(), width));
        out.add(matrix(block(block, "ff_out.weight"), width, config.ffnInner()));
    }

    private static void addMemory(List<DenseTensor> out, ModelConfig.Memory memory, int layer, long width) {
        long heads = memory.heads();
        long rank = memory.rank();
        long keyDim = memory.keyDim();
        out.add(matrix(memory(layer, "query_proj.weight"), 2 * keyDim, width));
        out.add(precise(memory(layer, "query_norm.weight"), keyDim));
        out.add(precise(memory(layer, "keys"), heads, 2, memory.axisKeys(), keyDim, rank));
        out.add(precise(memory(layer, "keys_norm.weight"), keyDim));
        for (int core = 0; core < memory.cores(); core++) {
            out.add(precise(memory(layer, "tucker_core." + core), heads, rank, rank));
        }
        out.add(precise(memory(layer, "tucker_core_u"), 1, heads, 1, rank));
        out.add(precise(memory(layer, "tucker_core_v"), 1, heads, 1, rank));
        out.add(new DenseTensor(memory(layer, "shuffle_index"), List.of(memory.virtualSlots()), Role.INDEX));
        long pooled = Math.multiplyExact((long) memory.groups(), memory.valueDim());
        out.add(matrix(memory(layer, "values_proj.weight"), width, pooled));
    }

    private static DenseTensor matrix(String name, long rows, long columns) {
        return new DenseTensor(name, List.of(rows, columns), Role.MATRIX);
    }

    private static DenseTensor precise(String name, long... shape) {
        return new DenseTensor(name, Arrays.stream(shape).boxed().toList(), Role.PRECISE);
    }
}
