package dev.loci.store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loci.kernel.Norm;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.tensor.JsonFields;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// `config.json` of a model directory, read and written.
public final class ConfigJson {
    public static final String FILE = "config.json";
    private static final String KIND = "ultramem_v1";

    private ConfigJson() {}

    /// Reads the text of the file.
    /// @throws StoreException naming the key that is wrong
    public static ModelConfig parse(byte[] utf8) {
        JsonFields fields = JsonFields.parse(FILE, utf8, StoreException::of);
        try {
            ModelConfig config = new ModelConfig(
                    fields.string("source"),
                    fields.integer("width", 1),
                    fields.integer("layers", 1),
                    fields.integer("heads", 1),
                    fields.integer("kv_heads", 1),
                    fields.integer("head_dim", 1),
                    fields.integer("ffn_inner", 1),
                    fields.integer("context_tokens", 1),
                    fields.integer("vocab_size", 1),
                    fields.integer("embedding_rows", 1),
                    fields.number("rope_theta"),
                    fields.constant("norm", Norm.Kind.class),
                    (float) fields.number("norm_eps"),
                    fields.bool("norm_affine"),
                    fields.bool("qk_norm"),
                    fields.bool("qk_norm_affine"),
                    fields.optionalNumber("clip_qkv"),
                    fields.bool("tied_output"),
                    tokens(fields),
                    fields.optionalInteger("pad_token", 0),
                    fields.constant("dense_type", WeightType.class),
                    memory(fields));
            fields.end();
            return config;
        } catch (IllegalArgumentException e) {
            throw StoreException.of(FILE, "keys", "a possible model", e.getMessage());
        }
    }

    private static List<Integer> tokens(JsonFields fields) {
        return fields.integers("stop_tokens", 0, Integer.MAX_VALUE).stream()
                .map(Math::toIntExact)
                .toList();
    }

    private static Optional<ModelConfig.Memory> memory(JsonFields config) {
        if (!config.has("memory")) {
            config.skip("memory");
            return Optional.empty();
        }
        JsonFields fields = config.object("memory");
        String kind = fields.string("kind");
        if (!kind.equals(KIND)) {
            throw StoreException.of(FILE, "memory.kind", KIND, kind);
        }
        List<ModelConfig.Span> spans = new ArrayList<>();
        for (JsonFields span : fields.objects("spans")) {
            spans.add(new ModelConfig.Span(span.integer("read", 0), span.integer("add", 0)));
            span.end();
        }
        ModelConfig.Memory memory = new ModelConfig.Memory(
                spans,
                fields.integer("heads", 1),
                fields.integer("key_dim", 1),
                fields.integer("axis_keys", 1),
                fields.integer("rank", 1),
                fields.integer("cores", 1),
                fields.integer("groups", 1),
                fields.integer("rows", 1, Long.MAX_VALUE),
                fields.integer("value_dim", 1),
                fields.integer("top", 1),
                (float) fields.number("norm_eps"),
                fields.constant("table_type", RowType.class));
        fields.end();
        return Optional.of(memory);
    }

    /// The same bytes for equal configurations.
    public static byte[] write(ModelConfig config) {
        ObjectNode out = JsonNodeFactory.instance.objectNode();
        out.put("source", config.source());
        out.put("width", config.width());
        out.put("layers", config.layers());
        out.put("heads", config.heads());
        out.put("kv_heads", config.kvHeads());
        out.put("head_dim", config.headDim());
        out.put("ffn_inner", config.ffnInner());
        out.put("context_tokens", config.contextTokens());
        out.put("vocab_size", config.vocabSize());
        out.put("embedding_rows", config.embeddingRows());
        out.put("rope_theta", config.ropeTheta());
        out.put("norm", lower(config.norm()));
        out.put("norm_eps", config.normEps());
        out.put("norm_affine", config.normAffine());
        out.put("qk_norm", config.qkNorm());
        out.put("qk_norm_affine", config.qkNormAffine());
        config.clipQkv().ifPresent(clip -> out.put("clip_qkv", clip));
        out.put("tied_output", config.tiedOutput());
        ArrayNode stops = out.putArray("stop_tokens");
        config.stopTokens().forEach(stops::add);
        config.padToken().ifPresent(token -> out.put("pad_token", token));
        out.put("dense_type", lower(config.denseType()));
        config.memory().ifPresent(memory -> writeMemory(out.putObject("memory"), memory));
        return text(out);
    }

    private static void writeMemory(ObjectNode out, ModelConfig.Memory memory) {
        out.put("kind", KIND);
        ArrayNode spans = out.putArray("spans");
        memory.spans()
                .forEach(span -> spans.addObject().put("read", span.read()).put("add", span.add()));
        out.put("heads", memory.heads());
        out.put("key_dim", memory.keyDim());
        out.put("axis_keys", memory.axisKeys());
        out.put("rank", memory.rank());
        out.put("cores", memory.cores());
        out.put("groups", memory.groups());
        out.put("rows", memory.rows());
        out.put("value_dim", memory.valueDim());
        out.put("top", memory.top());
        out.put("norm_eps", memory.normEps());
        out.put("table_type", lower(memory.tableType()));
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static byte[] text(ObjectNode node) {
        String text = node.toPrettyString();
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
