package dev.loci.importer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loci.tensor.JsonFields;
import java.util.Map;
import java.util.Set;

/// The keys of a model section that no import reads: those that must have one value, and those of training or of other
/// variants.
final class UltraMemKeys {
    private static final Map<String, Object> MUST_EQUAL = Map.ofEntries(
            Map.entry("activation_type", "swiglu"),
            Map.entry("block_type", "sequential"),
            Map.entry("block_group_size", 1),
            Map.entry("rope", true),
            Map.entry("alibi", false),
            Map.entry("embedding_layer_norm", false),
            Map.entry("include_bias", false),
            Map.entry("bias_for_layer_norm", false),
            Map.entry("scale_logits", false),
            Map.entry("norm_after", false),
            Map.entry("vertical_parallel", false),
            Map.entry("mem_parallel_size", 1));
    private static final Set<String> IGNORED = Set.of(
            "precision",
            "convert2fp32",
            "flash_attention",
            "rope_full_precision",
            "alibi_bias_max",
            "mem_value_expand_time",
            "mem_key_expand_time",
            "mem_pre_vdim",
            "mem_share_ratio",
            "mem_use_glu_act",
            "mem_q_for_each_tucker_rank",
            "mem_log_interval",
            "mem_tucker_rank_penalty",
            "mem_key_balance_reg_coef",
            "mem_final_top_expand_time");

    private UltraMemKeys() {}

    /// Refuses a key whose value must be another; takes the ignored ones.
    /// @param withoutMemory whether all keys of memory layers are ignored
    static void checkUnread(JsonFields fields, boolean withoutMemory) {
        for (String name : fields.names()) {
            if (withoutMemory && name.startsWith("mem_")) {
                fields.skip(name);
            } else if (MUST_EQUAL.containsKey(name)) {
                checkEqual(fields, name, MUST_EQUAL.get(name));
            } else if (ignored(name)) {
                fields.skip(name);
            }
        }
    }

    private static void checkEqual(JsonFields fields, String name, Object expected) {
        JsonNode node = fields.any(name);
        boolean equal = switch (expected) {
            case String text -> node.isTextual() && node.textValue().equals(text);
            case Boolean flag -> node.isBoolean() && node.booleanValue() == flag;
            case Integer number -> node.isIntegralNumber() && node.asText().equals(number.toString());
            default -> throw new AssertionError(expected);
        };
        if (!equal && !(name.equals("bias_for_layer_norm") && node.isNull())) {
            throw fields.refuse(name, expected.toString(), node);
        }
    }

    private static boolean ignored(String name) {
        return IGNORED.contains(name)
                || name.contains("dropout")
                || name.startsWith("init_")
                || name.contains("_init")
                || name.startsWith("moe_");
    }
}
