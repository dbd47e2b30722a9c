package dev.loci.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.kernel.Norm;
import dev.loci.tensor.JsonFields;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class UltraMemConfigTest {
    private static final String SMALLEST = """
            {"d_model":64,"n_heads":4,"n_layers":6,"mlp_hidden_size":192,"max_sequence_length":256,"rope_theta":10000,
            "layer_norm_type":"rms","layer_norm_with_affine":true,"layer_norm_eps":1e-05,"attention_layer_norm":false,
            "attention_layer_norm_with_affine":true,"vocab_size":500,"weight_tying":true,"eos_token_id":0,
            "pad_token_id":1,"mem_insert_way":"0:2/3:5"}""";

    @TempDir
    private Path temp;

    private static UltraMemConfig parse(String json) {
        byte[] utf8 = json.getBytes(StandardCharsets.UTF_8);
        return UltraMemConfig.of("c", JsonFields.parse("c", utf8, ImportException::of));
    }

    private static String with(String fields) {
        return SMALLEST.replace("{", "{" + fields + ",");
    }

    private static void assertRefused(String json, String message) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(ImportException.class)
                .hasMessage("c, " + message);
    }

    @Test
    void missingKeysHaveTheTrainersDefaults() {
        UltraMemConfig config = parse(SMALLEST);
        assertThat(config.kvHeads()).isEqualTo(4);
        assertThat(config.embeddingRows()).isEqualTo(500);
        assertThat(config.clipQkv()).isEmpty();
        assertThat(config.normEps()).isEqualTo(1e-5);
        UltraMemConfig.Memory memory = config.memory().orElseThrow();
        assertThat(memory.type()).isEmpty();
        assertThat(memory.knum()).isEqualTo(128);
        assertThat(memory.kdim()).isEqualTo(512);
        assertThat(memory.vdim()).isEqualTo(512);
        assertThat(memory.knn()).isEqualTo(16);
        assertThat(memory.heads()).isEqualTo(1);
    }

    @Test
    void nullsAreMissingWhereTheTrainerHasThem() {
        UltraMemConfig config = parse(with("\"n_kv_heads\":null,\"multi_query_attention\":null,\"clip_qkv\":null,"
                + "\"embedding_size\":null,\"bias_for_layer_norm\":null"));
        assertThat(config.kvHeads()).isEqualTo(4);
        assertThat(config.embeddingRows()).isEqualTo(500);
        assertThat(parse(SMALLEST.replace("\"pad_token_id\":1", "\"pad_token_id\":null"))
                        .padToken())
                .isEmpty();
    }

    @Test
    void usedKeysAreRead() {
        assertThat(parse(with("\"n_kv_heads\":2")).kvHeads()).isEqualTo(2);
        assertThat(parse(with("\"multi_query_attention\":true")).kvHeads()).isEqualTo(1);
        assertThat(parse(with("\"clip_qkv\":8")).clipQkv()).hasValue(8);
        assertThat(parse(with("\"embedding_size\":512")).embeddingRows()).isEqualTo(512);
        for (String type : new String[] {"default", "low_precision"}) {
            assertThat(parse(SMALLEST.replace("\"rms\"", "\"" + type + "\"")).norm())
                    .isEqualTo(Norm.Kind.LAYER);
        }
    }

    @Test
    void theRatioCountsWhereTheSizeIsMissing() {
        String ratio = "\"mlp_ratio\":4";
        assertThat(parse(with(ratio)).ffnRows()).isEqualTo(192);
        assertThat(parse(SMALLEST.replace("\"mlp_hidden_size\":192", ratio)).ffnRows())
                .isEqualTo(256);
        assertThat(parse(SMALLEST.replace("\"mlp_hidden_size\":192", ratio + ",\"mlp_hidden_size\":null"))
                        .ffnRows())
                .isEqualTo(256);
        assertRefused(
                SMALLEST.replace("\"mlp_hidden_size\":192,", ""), "mlp_ratio: expected a number, found no such key");
        assertRefused(
                SMALLEST.replace("192", "191"),
                "mlp_hidden_size: expected an even number of rows of ff_proj, found 191");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "d_model",
                "n_heads",
                "n_layers",
                "max_sequence_length",
                "rope_theta",
                "layer_norm_type",
                "layer_norm_with_affine",
                "layer_norm_eps",
                "attention_layer_norm",
                "attention_layer_norm_with_affine",
                "vocab_size",
                "weight_tying",
                "eos_token_id",
                "pad_token_id",
            })
    void refusesMissingKeys(String key) {
        String without = SMALLEST.replaceFirst("\"" + key + "\":[^,]*,", "");
        assertThat(without).isNotEqualTo(SMALLEST);
        assertThatThrownBy(() -> parse(without))
                .isInstanceOf(ImportException.class)
                .hasMessageStartingWith("c, " + key + ": expected ")
                .hasMessageEndingWith(", found no such key");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "activation_type | swiglu | \"gelu\"",
                "block_type | sequential | \"moe\"",
                "block_group_size | 1 | 2",
                "rope | true | false",
                "alibi | false | true",
                "embedding_layer_norm | false | true",
                "include_bias | false | true",
                "bias_for_layer_norm | false | true",
                "scale_logits | false | true",
                "norm_after | false | true",
                "vertical_parallel | false | true",
                "mem_parallel_size | 1 | 4",
            })
    void someKeysMustHaveOneValue(String key, String only, String other) {
        String quoted = only.startsWith("s") ? "\"" + only + "\"" : only;
        assertThat(parse(with("\"" + key + "\":" + quoted)).width()).isEqualTo(64);
        assertRefused(with("\"" + key + "\":" + other), key + ": expected " + only + ", found " + other);
        assertRefused(with("\"" + key + "\":[]"), key + ": expected " + only + ", found []");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "attention_dropout",
                "residual_dropout",
                "embedding_dropout",
                "init_device",
                "init_fn",
                "init_std",
                "init_cutoff_factor",
                "scale_emb_init",
                "emb_init_std",
                "precision",
                "convert2fp32",
                "flash_attention",
                "rope_full_precision",
                "alibi_bias_max",
                "moe_num_experts",
                "mem_value_expand_time",
                "mem_key_expand_time",
                "mem_pre_vdim",
                "mem_share_ratio",
                "mem_use_glu_act",
                "mem_q_for_each_tucker_rank",
                "mem_log_interval",
                "mem_tucker_rank_penalty",
                "mem_key_balance_reg_coef",
                "mem_output_dropout_rate",
                "mem_final_top_expand_time",
            })
    void ignoresKeysOfTrainingAndOfOtherVariants(String key) {
        assertThat(parse(with("\"" + key + "\":[1,null]"))).isEqualTo(parse(SMALLEST));
    }

    @Test
    void refusesKeysThatNoListNames() {
        assertRefused(with("\"qk_scale\":2"), "qk_scale: expected no such key, found 2");
        assertRefused(with("\"mem_new\":2"), "mem_new: expected no such key, found 2");
        assertRefused(
                SMALLEST.replace("\"d_model\"", "\"d_model\":1,\"d_model\""),
                "text: expected JSON, found Duplicate field 'd_model' at line 1");
    }

    @Test
    void withoutMemoryEveryKeyOfItIsIgnored() {
        String json = SMALLEST.replace("0:2/3:5", "no_mem");
        String keys = "{\"mem_type\":\"ultramem_v2\",\"mem_parallel_size\":4,\"mem_knum\":-1,\"mem_new\":1,";
        assertThat(parse(json.replace("{", keys)).memory()).isEmpty();
    }

    @Test
    void refusesOtherTypesByName() {
        assertRefused(
                with("\"mem_type\":\"ultramem_v2\""),
                "mem_type: expected ultramem_v1, found ultramem_v2, which is not supported yet");
        assertRefused(
                with("\"mem_type\":\"memory_plus\""),
                "mem_type: expected ultramem_v1, found memory_plus, which is not supported yet");
        assertRefused(with("\"mem_type\":\"peer\""), "mem_type: expected ultramem_v1, found peer");
    }

    @Test
    void refusesValuesOutOfRange() {
        assertRefused(
                SMALLEST.replace("\"eos_token_id\":0", "\"eos_token_id\":500"),
                "eos_token_id: expected an integer in [0, 499], found 500");
        assertRefused(
                with("\"embedding_size\":499"), "embedding_size: expected an integer in [500, 2147483647], found 499");
        assertRefused(with("\"n_kv_heads\":3"), "n_kv_heads: expected a divisor of n_heads, 4, found 3");
        assertRefused(
                with("\"n_kv_heads\":2,\"multi_query_attention\":true"),
                "n_kv_heads: expected 1 with multi_query_attention, found 2");
        assertRefused(
                SMALLEST.replace("\"rms\"", "\"amd_compatible\""),
                "layer_norm_type: expected one of rms, default, low_precision, found \"amd_compatible\"");
        assertRefused(
                SMALLEST.replace("\"d_model\":64", "\"d_model\":64.5"),
                "d_model: expected an integer in [1, 2147483647], found 64.5");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "full | mem_insert_way: expected ranges i:j or no_mem for ultramem_v1, found full",
                "0:2/2:4 | mem_insert_way 2:4: expected i above 2, where the range before it ends, found i 2",
                "0:3/2:4 | mem_insert_way 2:4: expected i above 3, where the range before it ends, found i 2",
                "3:5/0:2 | mem_insert_way 0:2: expected i above 5, where the range before it ends, found i 0",
                "2:1 | mem_insert_way 2:1: expected i <= j < n_layers, 6, found i 2, j 1",
                "0:2/3:6 | mem_insert_way 3:6: expected i <= j < n_layers, 6, found i 3, j 6",
                "0:2/ | mem_insert_way: expected ranges i:j, i:j/i:j and so on, or no_mem, found \"0:2/\"",
                "-1:2 | mem_insert_way: expected ranges i:j, i:j/i:j and so on, or no_mem, found \"-1:2\"",
                "9999999:2 | mem_insert_way: expected ranges i:j, i:j/i:j and so on, or no_mem, found \"9999999:2\"",
            })
    void refusesRanges(String ranges, String message) {
        assertRefused(SMALLEST.replace("0:2/3:5", ranges), message);
    }

    @Test
    void takesARangeOfOneBlockAndTheLastBlock() {
        assertThat(parse(SMALLEST.replace("0:2/3:5", "0:0/1:1/5:5"))
                        .memory()
                        .orElseThrow()
                        .spans())
                .hasSize(3);
    }

    @Test
    void withoutRangesTheDefaultIsRefused() {
        assertRefused(
                SMALLEST.replace(",\"mem_insert_way\":\"0:2/3:5\"", "").replace(",\n\"pad", ",\"pad"),
                "mem_insert_way: expected ranges i:j or no_mem for ultramem_v1, found full");
    }

    @Test
    void refusesYamlThatHasNoModelOrIsNone() throws IOException {
        Path yaml = Files.writeString(temp.resolve("c.yaml"), "optimizer: {}\n");
        assertThatThrownBy(() -> UltraMemConfig.read(yaml))
                .isInstanceOf(ImportException.class)
                .hasMessage("c.yaml, model: expected a section of this name, found none");
        Files.writeString(yaml, "model: [\n");
        assertThatThrownBy(() -> UltraMemConfig.read(yaml))
                .isInstanceOf(ImportException.class)
                .hasMessageStartingWith("c.yaml, text: expected YAML, found ")
                .hasMessageMatching("[^\\n]*");
    }
}
