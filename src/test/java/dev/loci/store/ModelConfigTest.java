package dev.loci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModelConfigTest {
    private static final ModelConfig CONFIG =
            SmallModel.config(WeightType.BF16, Optional.of(SmallModel.memory(RowType.F16)));

    @Test
    void whatIsWrittenIsRead() {
        assertThat(ConfigJson.parse(ConfigJson.write(CONFIG))).isEqualTo(CONFIG);
        ModelConfig plain = SmallModel.config(WeightType.F32, Optional.empty());
        assertThat(ConfigJson.parse(ConfigJson.write(plain))).isEqualTo(plain);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"heads\" : 2 | \"heads\" : 3 | head_dim: expected width by heads, 8 / 3, found 4",
                "\"kv_heads\" : 1 | \"kv_heads\" : 3 | kv_heads: expected a divisor of heads, 2, found 3",
                "\"vocab_size\" : 3 | \"vocab_size\" : 5 | embedding_rows: expected at least 5, found 4",
                "[ 0, 2 ] | [ 0, 3 ] | stop_tokens: expected ids below 3, found 3",
                "\"pad_token\" : 1 | \"pad_token\" : 4 | pad_token: expected ids below 4, found 4",
                "\"clip_qkv\" : 8.0 | \"clip_qkv\" : -1 | clip_qkv: expected 2.2250738585072014E-308 to 3.4028234663852886E38, found -1.0",
                "\"top\" : 3 | \"top\" : 7 | memory top: expected at most axis_keys, 6, found 7",
                "\"rows\" : 9 | \"rows\" : 8 | memory rows: expected axis_keys squared by groups, 36 / 4, found 8",
                "\"value_dim\" : 10 | \"value_dim\" : 9 | memory value_dim: expected a multiple of cores, 2, found 9",
                "\"read\" : 1 | \"read\" : 0 | memory spans: expected a read from 1 on and no add before it, found Span[read=0, add=2]",
                "\"add\" : 2 | \"add\" : 3 | memory spans: expected blocks below 3, found 3",
            })
    void refusesImpossibleModels(String from, String to, String message) {
        String text = new String(ConfigJson.write(CONFIG), StandardCharsets.UTF_8);
        assertThat(text).contains(from);
        byte[] changed = text.replace(from, to).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> ConfigJson.parse(changed))
                .isInstanceOf(StoreException.class)
                .hasMessageEndingWith(message)
                .hasMessageStartingWith("config.json, keys: expected a possible model, found ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"width\" : 8 | \"width\" : \"8\" | width: expected an integer in [1, 2147483647], found \"8\"",
                "\"width\" : 8 | \"wide\" : 8 | width: expected an integer in [1, 2147483647], found no such key",
                "\"width\" : 8 | \"width\" : 8, \"x\" : null | x: expected no such key, found null",
                "\"norm\" : \"rms\" | \"norm\" : \"batch\" | norm: expected one of rms, layer, found \"batch\"",
                "\"qk_norm\" : true | \"qk_norm\" : 1 | qk_norm: expected true or false, found 1",
                "\"kind\" : \"ultramem_v1\" | \"kind\" : \"pkm\" | memory.kind: expected ultramem_v1, found pkm",
                "\"read\" : 1 | \"read\" : 1.5 | memory.spans[1].read: expected an integer in [0, 2147483647], found 1.5",
                "\"rank\" : 2 | \"rank\" : 2, \"y\" : [] | memory.y: expected no such key, found []",
            })
    void refusesWrongKeys(String from, String to, String message) {
        String text = new String(ConfigJson.write(CONFIG), StandardCharsets.UTF_8);
        assertThat(text).contains(from);
        byte[] changed = text.replace(from, to).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> ConfigJson.parse(changed))
                .isInstanceOf(StoreException.class)
                .hasMessage("config.json, " + message);
    }
}
