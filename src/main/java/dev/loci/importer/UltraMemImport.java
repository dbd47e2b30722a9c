package dev.loci.importer;

import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.store.DenseTensor;
import dev.loci.store.ModelConfig;
import dev.loci.store.ModelContents;
import dev.loci.store.ModelWriter;
import dev.loci.store.ProgressListener;
import dev.loci.store.RowSource;
import dev.loci.store.TokenizerFile;
import dev.loci.tensor.DType;
import dev.loci.tensor.Tensor;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A checkpoint of UltraMem V1, or of its backbone alone, into a model directory. Sources are mapped and rows converted
/// through
/// bounded buffers: memory use does not grow with the model.
public final class UltraMemImport {
    static final String SOURCE = "ultramem";

    private final ImportOptions options;
    private final UltraMemConfig source;
    private final Checkpoint checkpoint;

    private UltraMemImport(ImportOptions options, UltraMemConfig source, Checkpoint checkpoint) {
        this.options = options;
        this.source = source;
        this.checkpoint = checkpoint;
    }

    /// Checks everything, then writes the model.
    /// @throws ImportException naming the key or tensor that is not what it must be; no output is left then
    public static void run(ImportOptions options, ProgressListener listener) {
        UltraMemConfig source = UltraMemConfig.read(options.config());
        TokenizerFile.check(options.tokenizer(), source.vocabSize(), ImportException::of);
        String tokenizer = SourceText.read(options.tokenizer());
        Optional<String> chatTemplate = options.chatTemplate().map(SourceText::read);
        try (Checkpoint checkpoint = Checkpoint.open(options.weights())) {
            UltraMemImport run = new UltraMemImport(options, source, checkpoint);
            ModelConfig config = run.config();
            run.checkTensors(config);
            ModelContents contents =
                    new ModelContents(config, run.dense(config), run.tables(config), tokenizer, chatTemplate);
            ModelWriter.write(contents, options.out(), options.maxFileBytes(), listener);
        }
    }

    private ModelConfig config() {
        if (source.memory().isPresent() && source.memory().get().type().isEmpty()) {
            checkTypeByNames();
        }
        WeightType dense = options.dense().orElseGet(this::sourceType);
        RowType table = options.table().orElseGet(() -> Configs.rowType(dense));
        Optional<ModelConfig.Memory> memory = source.memory()
                .map(keys -> Configs.possible(
                        source.where(), () -> MemoryShapes.of(source.where(), keys, checkpoint, table)));
        List<Integer> stops = options.stopTokens().isEmpty() ? List.of(source.eosToken()) : options.stopTokens();
        return Configs.of(SOURCE, source, stops, dense, memory);
    }

    private void checkTypeByNames() {
        for (String name : checkpoint.names()) {
            if (name.contains("swilu_projection")) {
                UltraMemConfig.checkType(checkpoint.where(name), "mem_type by " + name, "memory_plus");
            }
        }
        for (String name : checkpoint.names()) {
            if (name.startsWith("transformer.full_memory_layer.") || name.contains("pre_values")) {
                UltraMemConfig.checkType(checkpoint.where(name), "mem_type by " + name, "ultramem_v2");
            }
        }
    }

    /// The one type of all matrices, if it is one that matrices can have.
    private WeightType sourceType() {
        Set<DType> types = EnumSet.noneOf(DType.class);
        for (String name : checkpoint.names()) {
            checkpoint
                    .find(name)
                    .filter(tensor -> tensor.shape().size() == 2 && !name.endsWith(MemoryShapes.VALUES))
                    .ifPresent(tensor -> types.add(tensor.dtype()));
        }
        return types.equals(EnumSet.of(DType.BF16)) ? WeightType.BF16 : WeightType.F32;
    }

    private void checkTensors(ModelConfig config) {
        Set<String> expected = new HashSet<>();
        for (DenseTensor tensor : DenseTensor.unscaled(config)) {
            expected.add(tensor.name());
            checkType(checkpoint.tensor(tensor.name(), tensor.shape()), tensor.role() == DenseTensor.Role.INDEX);
        }
        int layers = config.memory().map(memory -> memory.spans().size()).orElse(0);
        for (int layer = 0; layer < layers; layer++) {
            ModelConfig.Memory memory = config.memory().orElseThrow();
            String name = DenseTensor.memory(layer, MemoryShapes.VALUES);
            expected.add(name);
            checkType(checkpoint.tensor(name, List.of(memory.rows(), (long) memory.valueDim())), false);
        }
        for (String name : checkpoint.names()) {
            if (!expected.contains(name)) {
                Tensor tensor = checkpoint.find(name).orElseThrow();
                String kind = layers == 0 ? "a model without memory layers" : UltraMemConfig.V1;
                throw ImportException.of(
                        checkpoint.where(name),
                        name,
                        "no tensor of this name in " + kind,
                        tensor.dtype() + " " + tensor.shape());
            }
        }
        for (int layer = 0; layer < layers; layer++) {
            MemoryCheck.check(checkpoint, config.memory().orElseThrow(), layer);
        }
    }

    private void checkType(Tensor tensor, boolean index) {
        boolean fits = index
                ? tensor.dtype() == DType.I32 || tensor.dtype() == DType.I64
                : tensor.dtype().isFloat();
        if (!fits) {
            throw ImportException.of(
                    checkpoint.where(tensor.name()),
                    tensor.name() + " dtype",
                    index ? "I32 or I64" : "F32, BF16, F16 or F64",
                    tensor.dtype().name());
        }
    }

    private List<ModelContents.Dense> dense(ModelConfig config) {
        List<ModelContents.Dense> out = new ArrayList<>();
        for (DenseTensor tensor : DenseTensor.unscaled(config)) {
            Tensor from = checkpoint.tensor(tensor.name(), tensor.shape());
            switch (tensor.role()) {
                case MATRIX -> {
                    DType target = config.denseType() == WeightType.BF16 ? DType.BF16 : DType.F32;
                    out.addAll(Encoders.matrix(tensor, config.denseType(), rows(from, target)));
                }
                case PRECISE -> {
                    DType target = from.dtype() == DType.F64 ? DType.F32 : from.dtype();
                    out.add(Encoders.floats(tensor, target, rows(from, target)));
                }
                case INDEX -> out.add(Encoders.index(tensor, i -> (int) MemoryCheck.index(from, i)));
                case SCALE -> throw new AssertionError(tensor);
            }
        }
        return out;
    }

    private List<RowSource> tables(ModelConfig config) {
        List<RowSource> out = new ArrayList<>();
        config.memory().ifPresent(memory -> {
            DType target = memory.table().dtype() == DType.U8
                    ? DType.F32
                    : memory.table().dtype();
            for (int layer = 0; layer < memory.spans().size(); layer++) {
                Tensor from = checkpoint.tensor(DenseTensor.memory(layer, MemoryShapes.VALUES), "rows");
                out.add(Encoders.table(memory.table(), rows(from, target)));
            }
        });
        return out;
    }

    private FloatRows rows(Tensor tensor, DType target) {
        return FloatRows.of(checkpoint.where(tensor.name()), tensor, target);
    }
}
