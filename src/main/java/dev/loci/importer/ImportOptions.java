package dev.loci.importer;

import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.store.ModelWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What to import, and to where.
/// @param weights      safetensors files, the state dict over one or several of them
/// @param config       config.json, or the trainer's config.yaml
/// @param stopTokens   ids that end a generation; none for the configuration's `eos_token_id`
/// @param out          directory to be made
/// @param dense        type of the matrices; the source's if absent, f32 where that is mixed or no such type
/// @param table        type of the rows; that of the matrices if absent
/// @param maxFileBytes a table that would be larger is split over several files
public record ImportOptions(
        List<Path> weights,
        Path config,
        Path tokenizer,
        Optional<Path> chatTemplate,
        List<Integer> stopTokens,
        Path out,
        Optional<WeightType> dense,
        Optional<RowType> table,
        long maxFileBytes) {
    public ImportOptions {
        weights = List.copyOf(weights);
        stopTokens = List.copyOf(stopTokens);
    }

    public ImportOptions(
            List<Path> weights,
            Path config,
            Path tokenizer,
            Optional<Path> chatTemplate,
            List<Integer> stopTokens,
            Path out,
            Optional<WeightType> dense,
            Optional<RowType> table) {
        this(weights, config, tokenizer, chatTemplate, stopTokens, out, dense, table, ModelWriter.MAX_FILE_BYTES);
    }
}
