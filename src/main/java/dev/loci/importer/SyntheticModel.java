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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A model of a given shape with seeded random weights, for measurements at any size. The same options give the same
/// bytes.
public final class SyntheticModel {
    static final String SOURCE = "synthetic";

    /// The trainer's constants: Tucker rank, cores, and virtual slots for each row.
    static final int RANK = 2;

    static final int CORES = 2;
    static final int GROUPS = 4;

    private static final double DEVIATION = 0.02;
    /// Parts of the random numbers: tensors count from 0, tables, shuffles and cores from these on.
    private static final int TABLE_PART = 1 << 24;

    private static final int SHUFFLE_PART = 1 << 25;
    private static final int CORE_PART = 1 << 26;
    private static final String MEMORY_PREFIX = "transformer.mem_blocks.";

    /// What to make, and where.
    /// @param tokenizer    to be copied; a byte-level one is written if absent
    /// @param dense        bf16 if absent
    /// @param table        type of the rows; that of the matrices if absent
    /// @param maxFileBytes a table that would be larger is split over several files
    public record Options(
            Path config,
            Optional<Path> tokenizer,
            Path out,
            Optional<WeightType> dense,
            Optional<RowType> table,
            long seed,
            long maxFileBytes) {
        public Options(
                Path config,
                Optional<Path> tokenizer,
                Path out,
                Optional<WeightType> dense,
                Optional<RowType> table,
                long seed) {
            this(config, tokenizer, out, dense, table, seed, ModelWriter.MAX_FILE_BYTES);
        }
    }

    private final long seed;
    private final RandomRows random;
    private final ModelConfig config;

    private SyntheticModel(long seed, ModelConfig config) {
        this.seed = seed;
        this.random = new RandomRows(seed);
        this.config = config;
    }

    /// Writes the model.
    /// @throws ImportException naming the key that is not what it must be
    public static void run(Options options, ProgressListener listener) {
        UltraMemConfig source = UltraMemConfig.read(options.config());
        WeightType dense = options.dense().orElse(WeightType.BF16);
        RowType table = options.table().orElseGet(() -> Configs.rowType(dense));
        Optional<ModelConfig.Memory> memory =
                source.memory().map(keys -> Configs.possible(source.where(), () -> memory(keys, table)));
        ModelConfig config = Configs.of(SOURCE, source, List.of(source.eosToken()), dense, memory);
        String tokenizer = tokenizer(options, source);
        SyntheticModel model = new SyntheticModel(options.seed(), config);
        ModelContents contents = new ModelContents(config, model.dense(), model.tables(), tokenizer, Optional.empty());
        ModelWriter.write(contents, options.out(), options.maxFileBytes(), listener);
    }

    private static String tokenizer(Options options, UltraMemConfig source) {
        if (options.tokenizer().isEmpty()) {
            return ByteTokenizer.write(source.where(), source.vocabSize(), source.eosToken(), source.padToken());
        }
        Path tokenizer = options.tokenizer().get();
        TokenizerFile.check(tokenizer, source.vocabSize(), ImportException::of);
        return SourceText.read(tokenizer);
    }

    private static ModelConfig.Memory memory(UltraMemConfig.Memory keys, RowType table) {
        long axisKeys = 2L * keys.knum();
        if (axisKeys * axisKeys > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("mem_knum: expected at most 23170, found " + keys.knum());
        }
        return new ModelConfig.Memory(
                keys.spans(),
                keys.heads(),
                keys.kdim(),
                (int) axisKeys,
                RANK,
                CORES,
                GROUPS,
                (long) keys.knum() * keys.knum(),
                keys.vdim(),
                keys.knn(),
                MemoryShapes.NORM_EPS,
                table);
    }

    private List<ModelContents.Dense> dense() {
        DType precise = config.denseType() == WeightType.BF16 ? DType.BF16 : DType.F32;
        List<ModelContents.Dense> out = new ArrayList<>();
        for (DenseTensor tensor : DenseTensor.unscaled(config)) {
            int part = out.size();
            switch (tensor.role()) {
                case MATRIX -> {
                    FloatRows rows = random.normal(part, deviation(tensor.name()));
                    out.addAll(Encoders.matrix(tensor, config.denseType(), rows));
                }
                case PRECISE -> out.add(Encoders.floats(tensor, precise, precise(tensor.name(), part)));
                case INDEX -> {
                    int axisKeys = config.memory().orElseThrow().axisKeys();
                    GridShuffle shuffle = new GridShuffle(SplitMix.seed(seed, SHUFFLE_PART + part), axisKeys);
                    out.add(Encoders.index(tensor, shuffle::at));
                }
                case SCALE -> throw new AssertionError(tensor);
            }
        }
        return out;
    }

    private double deviation(String name) {
        if (config.memory().isPresent()) {
            ModelConfig.Memory memory = config.memory().get();
            if (name.endsWith(".query_proj.weight")) {
                return 1 / Math.sqrt(memory.keyDim());
            }
            if (name.endsWith(".values_proj.weight")) {
                return 1 / Math.sqrt((double) memory.groups() * memory.valueDim());
            }
        }
        return DEVIATION;
    }

    /// Norms of the backbone are 1; those of queries and keys are what the trainer starts from, which keeps scores near
    /// 1.
    private FloatRows precise(String name, int part) {
        if (!name.startsWith(MEMORY_PREFIX)) {
            return constant(1);
        }
        ModelConfig.Memory memory = config.memory().orElseThrow();
        String[] layerAndName = name.substring(MEMORY_PREFIX.length()).split("\\.", 2);
        long coreSeed = SplitMix.seed(seed, CORE_PART + Integer.parseInt(layerAndName[0]));
        RandomCores cores = new RandomCores(coreSeed, memory.rank(), memory.cores());
        return switch (layerAndName[1]) {
            case "keys" -> random.normal(part, 1 / Math.sqrt(memory.keyDim()));
            case "query_norm.weight", "keys_norm.weight" -> constant(Math.pow(memory.keyDim(), -0.33));
            case "tucker_core_u" -> cores.left();
            case "tucker_core_v" -> cores.right();
            case "tucker_core.0" -> cores.core(0);
            case "tucker_core.1" -> cores.core(1);
            default -> throw new AssertionError(name);
        };
    }

    private static FloatRows constant(double value) {
        return (row, out) -> Arrays.fill(out, (float) value);
    }

    private List<RowSource> tables() {
        List<RowSource> out = new ArrayList<>();
        config.memory().ifPresent(memory -> {
            for (int layer = 0; layer < memory.spans().size(); layer++) {
                out.add(random.table(TABLE_PART + layer, DEVIATION, memory.table()));
            }
        });
        return out;
    }
}
