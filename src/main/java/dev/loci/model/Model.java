package dev.loci.model;

import dev.loci.kernel.Activations;
import dev.loci.kernel.Matrix;
import dev.loci.kernel.Norm;
import dev.loci.kernel.QkvShape;
import dev.loci.kernel.RetrievalKeys;
import dev.loci.store.ModelConfig;
import dev.loci.store.ModelDirectory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/// The weights of a model directory, bound for the kernels. Immutable and thread-safe; close it after every pass that
/// uses it, and before the directory that it borrows from.
public final class Model implements AutoCloseable {
    private final Arena arena;
    private final ModelConfig config;
    private final Activations activations;
    private final Matrix embedding;
    private final List<Block> blocks;
    private final List<MemoryLayer> memoryLayers;
    private final List<Optional<MemoryLayer>> reading;
    private final List<Optional<MemoryLayer>> adding;
    private final Norm finalNorm;
    private final Matrix output;

    private Model(Arena arena, ModelDirectory directory, Optional<WeightPacker> packer) {
        this.arena = arena;
        this.config = directory.config();
        this.activations =
                packer.map(one -> one.activations(config.denseType())).orElse(Activations.F32);
        WeightBinder binder = new WeightBinder(directory, arena, packer);
        this.embedding = binder.matrixInPlace("transformer.wte.weight", config.embeddingRows(), config.width());
        this.blocks = blocks(binder);
        this.memoryLayers = memoryLayers(binder, directory);
        this.reading = byBlock(layer -> layer.span().read());
        this.adding = byBlock(layer -> layer.span().add());
        this.finalNorm = norm(binder, "transformer.ln_f.weight", config.width(), config.normAffine());
        String outputName = config.tiedOutput() ? "transformer.wte.weight" : "transformer.ff_out.weight";
        this.output = binder.matrix(outputName, config.embeddingRows(), config.width());
    }

    /// A model whose weights stay where they lie, for f32 activations.
    public static Model open(ModelDirectory directory) {
        return open(directory, Optional.empty());
    }

    /// A model whose matrices are laid out for the products of some kernels.
    public static Model open(ModelDirectory directory, WeightPacker packer) {
        return open(directory, Optional.of(packer));
    }

    /// Binds the weights, normalises the memory layers' keys and tabulates the rotation.
    private static Model open(ModelDirectory directory, Optional<WeightPacker> packer) {
        directory.loadDense();
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try {
            Model model = new Model(arena, directory, packer);
            opened = true;
            return model;
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    public ModelConfig config() {
        return config;
    }

    /// What the matrices are multiplied with.
    public Activations activations() {
        return activations;
    }

    public int memoryLayers() {
        return memoryLayers.size();
    }

    /// Bytes from row to row of a memory layer's table.
    public long rowBytes(int layer) {
        return memoryLayers.get(layer).table().stride();
    }

    /// Bytes of the dense matrices that a step reads, each once: all but the rows of the embedding.
    public long denseBytes() {
        long bytes = bytes(output);
        for (Block block : blocks) {
            bytes += bytes(block.qkv()) + bytes(block.attnOut()) + bytes(block.ffnIn()) + bytes(block.ffnOut());
        }
        for (MemoryLayer layer : memoryLayers) {
            bytes += bytes(layer.query())
                    + bytes(layer.valueProjection())
                    + layer.keys().keys().byteSize();
        }
        return bytes;
    }

    private static long bytes(Matrix matrix) {
        return matrix.data().byteSize() + matrix.scales().byteSize();
    }

    Matrix embedding() {
        return embedding;
    }

    List<Block> blocks() {
        return blocks;
    }

    /// For each block the memory layer that has it there. Looked up once: every step asks for every block.
    private List<Optional<MemoryLayer>> byBlock(ToIntFunction<MemoryLayer> blockOf) {
        List<Optional<MemoryLayer>> all = new ArrayList<>();
        for (int i = 0; i < config.layers(); i++) {
            int block = i;
            all.add(memoryLayers.stream()
                    .filter(layer -> blockOf.applyAsInt(layer) == block)
                    .findFirst());
        }
        return List.copyOf(all);
    }

    /// The memory layer that reads at this block.
    Optional<MemoryLayer> readAt(int block) {
        return reading.get(block);
    }

    /// The memory layer whose output is added after this block.
    Optional<MemoryLayer> addAfter(int block) {
        return adding.get(block);
    }

    Norm finalNorm() {
        return finalNorm;
    }

    Matrix output() {
        return output;
    }

    @Override
    public void close() {
        arena.close();
    }

    private Norm norm(WeightBinder binder, String name, int dim, boolean affine) {
        return affine
                ? binder.norm(config.norm(), name, dim, config.normEps())
                : new Norm(config.norm(), MemorySegment.NULL, dim, config.normEps());
    }

    private List<Block> blocks(WeightBinder binder) {
        int width = config.width();
        int headDim = config.headDim();
        MemorySegment cosSin = RopeTable.of(arena, config.contextTokens(), headDim, config.ropeTheta());
        float clip = config.clipQkv().isPresent() ? (float) config.clipQkv().getAsDouble() : Float.POSITIVE_INFINITY;
        List<Block> bound = new ArrayList<>();
        for (int block = 0; block < config.layers(); block++) {
            String prefix = "transformer.blocks." + block + ".";
            boolean headAffine = config.qkNorm() && config.qkNormAffine();
            Norm qNorm = norm(binder, prefix + "q_norm.weight", headDim, headAffine);
            Norm kNorm = norm(binder, prefix + "k_norm.weight", headDim, headAffine);
            bound.add(new Block(
                    norm(binder, prefix + "attn_norm.weight", width, config.normAffine()),
                    binder.matrix(prefix + "att_proj.weight", config.qkvRows(), width),
                    new QkvShape(config.heads(), clip, config.qkNorm(), qNorm, kNorm, cosSin, config.contextTokens()),
                    binder.matrix(prefix + "attn_out.weight", width, config.heads() * headDim),
                    norm(binder, prefix + "ff_norm.weight", width, config.normAffine()),
                    binder.matrix(prefix + "ff_proj.weight", 2 * config.ffnInner(), width),
                    binder.matrix(prefix + "ff_out.weight", width, config.ffnInner())));
        }
        return List.copyOf(bound);
    }

    private List<MemoryLayer> memoryLayers(WeightBinder binder, ModelDirectory directory) {
        if (config.memory().isEmpty()) {
            return List.of();
        }
        ModelConfig.Memory memory = config.memory().get();
        List<MemoryLayer> bound = new ArrayList<>();
        for (int layer = 0; layer < memory.spans().size(); layer++) {
            String prefix = "transformer.mem_blocks." + layer + ".";
            bound.add(new MemoryLayer(
                    layer,
                    binder.matrix(prefix + "query_proj.weight", 2 * memory.keyDim(), config.width()),
                    binder.norm(Norm.Kind.RMS, prefix + "query_norm.weight", memory.keyDim(), memory.normEps()),
                    retrievalKeys(binder, prefix, memory),
                    directory.table(layer).rows(),
                    binder.matrix(prefix + "values_proj.weight", config.width(), memory.groups() * memory.valueDim()),
                    memory.spans().get(layer)));
        }
        return List.copyOf(bound);
    }

    private static RetrievalKeys retrievalKeys(WeightBinder binder, String prefix, ModelConfig.Memory memory) {
        return new RetrievalKeys(
                binder.keys(prefix + "keys", prefix + "keys_norm.weight", memory),
                binder.keyType(),
                binder.f32(prefix + "tucker_core_u"),
                binder.f32(prefix + "tucker_core_v"),
                binder.concatenated(prefix + "tucker_core.", memory.cores()),
                binder.i32(prefix + "shuffle_index"),
                memory.heads(),
                memory.axisKeys(),
                memory.keyDim(),
                memory.rank(),
                memory.cores(),
                memory.top(),
                memory.groups(),
                memory.rows());
    }
}
