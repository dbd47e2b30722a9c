package dev.loci.importer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loci.kernel.Norm;
import dev.loci.store.ModelConfig.Span;
import dev.loci.tensor.JsonFields;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// The keys of a model section that an import uses, defaults filled in.
/// @param where name of the file, for messages
record UltraMemConfig(
        String where,
        int width,
        int layers,
        int heads,
        int kvHeads,
        int ffnRows,
        int contextTokens,
        int vocabSize,
        int embeddingRows,
        double ropeTheta,
        Norm.Kind norm,
        double normEps,
        boolean normAffine,
        boolean qkNorm,
        boolean qkNormAffine,
        OptionalDouble clipQkv,
        boolean tied,
        int eosToken,
        OptionalInt padToken,
        Optional<Memory> memory) {
    static final String V1 = "ultramem_v1";

    /// @param type  absent where the file does not say
    /// @param knum  keys of one axis before value expansion; a table has its square of rows
    record Memory(Optional<String> type, List<Span> spans, int knum, int kdim, int vdim, int knn, int heads) {}

    static UltraMemConfig read(Path path) {
        return of(path.getFileName().toString(), ModelSection.read(path));
    }

    static UltraMemConfig of(String where, JsonFields fields) {
        boolean withoutMemory = fields.any("mem_insert_way").asText().equals("no_mem");
        UltraMemKeys.checkUnread(fields, withoutMemory);
        int width = fields.integer("d_model", 1);
        int layers = fields.integer("n_layers", 1);
        int heads = fields.integer("n_heads", 1);
        int vocabSize = fields.integer("vocab_size", 1);
        UltraMemConfig config = new UltraMemConfig(
                where,
                width,
                layers,
                heads,
                kvHeads(where, fields, heads),
                ffnRows(fields, width),
                fields.integer("max_sequence_length", 1),
                vocabSize,
                fields.optionalInteger("embedding_size", vocabSize).orElse(vocabSize),
                fields.number("rope_theta"),
                norm(fields),
                fields.number("layer_norm_eps"),
                fields.bool("layer_norm_with_affine"),
                fields.bool("attention_layer_norm"),
                fields.bool("attention_layer_norm_with_affine"),
                fields.optionalNumber("clip_qkv"),
                fields.bool("weight_tying"),
                Math.toIntExact(fields.integer("eos_token_id", 0, vocabSize - 1)),
                padToken(fields),
                withoutMemory ? Optional.empty() : Optional.of(memory(where, fields, layers)));
        fields.end();
        return config;
    }

    private static int kvHeads(String where, JsonFields fields, int heads) {
        boolean single = fields.has("multi_query_attention") && fields.bool("multi_query_attention");
        fields.skip("multi_query_attention");
        int fallback = single ? 1 : heads;
        int kvHeads = fields.optionalInteger("n_kv_heads", 1).orElse(fallback);
        if (single && kvHeads != 1) {
            throw ImportException.of(where, "n_kv_heads", "1 with multi_query_attention", Integer.toString(kvHeads));
        }
        if (heads % kvHeads != 0) {
            throw ImportException.of(where, "n_kv_heads", "a divisor of n_heads, " + heads, Integer.toString(kvHeads));
        }
        return kvHeads;
    }

    private static int ffnRows(JsonFields fields, int width) {
        boolean given = fields.has("mlp_hidden_size");
        JsonNode ratio = fields.any("mlp_ratio");
        String key = given ? "mlp_hidden_size" : "mlp_ratio";
        fields.skip("mlp_hidden_size");
        double rows = given ? fields.integer("mlp_hidden_size", 2) : fields.number("mlp_ratio") * width;
        if (rows % 2 != 0 || rows < 2 || rows > Integer.MAX_VALUE) {
            throw fields.refuse(
                    key, "an even number of rows of ff_proj", given ? fields.any("mlp_hidden_size") : ratio);
        }
        return (int) rows;
    }

    private static Norm.Kind norm(JsonFields fields) {
        return switch (fields.string("layer_norm_type")) {
            case "rms" -> Norm.Kind.RMS;
            case "default", "low_precision" -> Norm.Kind.LAYER;
            default ->
                throw fields.refuse(
                        "layer_norm_type", "one of rms, default, low_precision", fields.any("layer_norm_type"));
        };
    }

    private static OptionalInt padToken(JsonFields fields) {
        JsonNode node = fields.any("pad_token_id");
        return node.isNull() ? OptionalInt.empty() : OptionalInt.of(fields.integer("pad_token_id", 0));
    }

    private static Memory memory(String where, JsonFields fields, int layers) {
        Optional<String> type = fields.optionalString("mem_type");
        type.ifPresent(found -> checkType(where, "mem_type", found));
        String spans = fields.hasKey("mem_insert_way") ? fields.string("mem_insert_way") : "full";
        return new Memory(
                type,
                SpanList.parse(where, spans, layers),
                fields.optionalInteger("mem_knum", 1).orElse(128),
                fields.optionalInteger("mem_kdim", 1).orElse(512),
                fields.optionalInteger("mem_vdim", 1).orElse(512),
                fields.optionalInteger("mem_knn", 1).orElse(16),
                fields.optionalInteger("mem_head", 1).orElse(1));
    }

    static void checkType(String where, String what, String found) {
        if (found.equals("ultramem_v2") || found.equals("memory_plus")) {
            throw ImportException.of(where, what, V1, found + ", which is not supported yet");
        }
        if (!found.equals(V1)) {
            throw ImportException.of(where, what, V1, found);
        }
    }
}
