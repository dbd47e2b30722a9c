package dev.loci.importer;

import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.store.ModelConfig;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// From a source's keys to the configuration of a model directory.
final class Configs {
    private Configs() {}

    static ModelConfig of(
            String sourceName,
            UltraMemConfig source,
            List<Integer> stopTokens,
            WeightType dense,
            Optional<ModelConfig.Memory> memory) {
        if (source.width() % source.heads() != 0) {
            throw ImportException.of(
                    source.where(),
                    "d_model",
                    "a multiple of n_heads, " + source.heads(),
                    Integer.toString(source.width()));
        }
        return possible(
                source.where(),
                () -> new ModelConfig(
                        sourceName,
                        source.width(),
                        source.layers(),
                        source.heads(),
                        source.kvHeads(),
                        source.width() / source.heads(),
                        source.ffnRows() / 2,
                        source.contextTokens(),
                        source.vocabSize(),
                        source.embeddingRows(),
                        source.ropeTheta(),
                        source.norm(),
                        (float) source.normEps(),
                        source.normAffine(),
                        source.qkNorm(),
                        source.qkNormAffine(),
                        source.clipQkv(),
                        source.tied(),
                        stopTokens,
                        source.padToken(),
                        dense,
                        memory));
    }

    /// Turns the refusal of an impossible configuration into one of this package.
    static <T> T possible(String where, Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException e) {
            throw ImportException.of(where, "keys", "a possible model", e.getMessage());
        }
    }

    /// The type that rows have unless they are given one.
    static RowType rowType(WeightType dense) {
        return switch (dense) {
            case F32 -> RowType.F32;
            case BF16 -> RowType.BF16;
            case INT8 -> RowType.INT8;
        };
    }
}
