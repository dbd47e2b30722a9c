package dev.loci.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LociConfigTest {
    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("loci.model", "model-store/loci-mini"),
            Map.entry("loci.model-name", ""),
            Map.entry("loci.kv.type", "auto"),
            Map.entry("loci.kv.memory", "auto"),
            Map.entry("loci.activations", "auto"),
            Map.entry("loci.kernels.backend", "auto"),
            Map.entry("loci.kernels.threads", "0"),
            Map.entry("loci.kernels.max-isa", ""),
            Map.entry("loci.tables.huge-pages", "off"),
            Map.entry("loci.batch.max-sequences", "32"),
            Map.entry("loci.batch.max-tokens", "256"),
            Map.entry("loci.batch.step-time", "30ms"),
            Map.entry("loci.queue.max-requests", "1024"),
            Map.entry("loci.queue.max-prompt-tokens", "1048576"),
            Map.entry("loci.prefix-cache.enabled", "true"),
            Map.entry("loci.requests.timeout", "none"),
            Map.entry("loci.requests.max-choices", "16"),
            Map.entry("loci.requests.body-memory", "auto"),
            Map.entry("loci.shutdown.drain", "30s"),
            Map.entry("loci.telemetry.disabled", "false"),
            Map.entry("loci.telemetry.vllm-names", "true"),
            Map.entry("loci.telemetry.otlp.endpoint", ""),
            Map.entry("loci.telemetry.otlp.protocol", "http/protobuf"),
            Map.entry("loci.telemetry.traces.sample", "1"),
            Map.entry("loci.telemetry.traces.steps", "false"),
            Map.entry("loci.telemetry.traces.content", "false"),
            Map.entry("loci.telemetry.logs.json", "false"),
            Map.entry("loci.telemetry.logs.otlp", "false"),
            Map.entry("loci.api.keys", "none"),
            Map.entry("loci.api.keys.file", "none"),
            Map.entry("loci.http.head-timeout", "75s"),
            Map.entry("loci.http.body-timeout", "5m"),
            Map.entry("loci.http.write-timeout", "60s"),
            Map.entry("loci.prefix-cache.persistent.path", ""),
            Map.entry("loci.prefix-cache.persistent.size", "1g"));

    private static LociConfig config(Map<String, String> values) {
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withMapping(LociConfig.class)
                .withSources(new PropertiesConfigSource(values, "test", 500))
                .build();
        return config.getConfigMapping(LociConfig.class);
    }

    private static Map<String, String> values(LociConfig config) {
        Map<String, String> values = new TreeMap<>();
        values.put("loci.model", config.model());
        values.put("loci.model-name", config.modelName().orElse(""));
        values.put("loci.kv.type", config.kv().type());
        values.put("loci.kv.memory", config.kv().memory());
        values.put("loci.activations", config.activations());
        values.put("loci.kernels.backend", config.kernels().backend());
        values.put("loci.kernels.threads", config.kernels().threads());
        values.put("loci.kernels.max-isa", config.kernels().maxIsa().orElse(""));
        values.put("loci.tables.huge-pages", config.tables().hugePages());
        values.put("loci.batch.max-sequences", config.batch().maxSequences());
        values.put("loci.batch.max-tokens", config.batch().maxTokens());
        values.put("loci.batch.step-time", config.batch().stepTime());
        values.put("loci.queue.max-requests", config.queue().maxRequests());
        values.put("loci.queue.max-prompt-tokens", config.queue().maxPromptTokens());
        values.put("loci.prefix-cache.enabled", config.prefixCache().enabled());
        values.put("loci.requests.timeout", config.requests().timeout());
        values.put("loci.requests.max-choices", config.requests().maxChoices());
        values.put("loci.requests.body-memory", config.requests().bodyMemory());
        values.put("loci.shutdown.drain", config.shutdown().drain());
        LociConfig.Telemetry telemetry = config.telemetry();
        values.put("loci.telemetry.disabled", telemetry.disabled());
        values.put("loci.telemetry.vllm-names", telemetry.vllmNames());
        values.put("loci.telemetry.otlp.endpoint", telemetry.otlp().endpoint().orElse(""));
        values.put("loci.telemetry.otlp.protocol", telemetry.otlp().protocol());
        values.put("loci.telemetry.traces.sample", telemetry.traces().sample());
        values.put("loci.telemetry.traces.steps", telemetry.traces().steps());
        values.put("loci.telemetry.traces.content", telemetry.traces().content());
        values.put("loci.telemetry.logs.json", telemetry.logs().json());
        values.put("loci.telemetry.logs.otlp", telemetry.logs().otlp());
        values.put("loci.api.keys", config.api().keys());
        values.put("loci.api.keys.file", config.api().keysFile());
        values.put("loci.http.head-timeout", config.http().headTimeout());
        values.put("loci.http.body-timeout", config.http().bodyTimeout());
        values.put("loci.http.write-timeout", config.http().writeTimeout());
        values.put(
                "loci.prefix-cache.persistent.path",
                config.prefixCache().persistent().path().orElse(""));
        values.put(
                "loci.prefix-cache.persistent.size",
                config.prefixCache().persistent().size());
        return values;
    }

    @Test
    void everyKeyHasItsDefault() {
        assertThat(values(config(Map.of()))).isEqualTo(new TreeMap<>(DEFAULTS));
    }

    @Test
    void everyKeyHasItsVariable() {
        assertThat(Variables.KEYS).containsExactlyInAnyOrderElementsOf(DEFAULTS.keySet());
        Map<String, String> environment = new HashMap<>();
        DEFAULTS.forEach(
                (key, value) -> environment.put(key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"), value));
        environment.put("LOCI_DEBUG", "1");
        environment.put("LOCI_MAX_ISA", "avx2");
        environment.put("LOCK", "1");
        assertThatCode(() -> Variables.check(environment)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "LOCI_SERVICE_HOST,10.0.0.1",
        "LOCI_SERVICE_PORT,80",
        "LOCI_SERVICE_PORT_HTTP,80",
        "LOCI_PORT,tcp://10.0.0.1:80",
        "LOCI_PORT_80_TCP,tcp://10.0.0.1:80",
        "LOCI_PORT_80_TCP_PROTO,tcp",
        "LOCI_SMALL_PORT_80_TCP_ADDR,10.0.0.1",
        "LOCI_SMALL_PORT,tcp://10.0.0.1:80"
    })
    void servicesOfAClusterAreNoSlips(String name, String value) {
        assertThatCode(() -> Variables.check(Map.of(name, value))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"LOCI_KVTYPE,f16", "LOCI_PORT,8080", "LOCI_BATCH_MAX_TOKENZ,1", "LOCI_,x", "LOCI_KV,f16"})
    void namesAVariableThatNothingReads(String name, String value) {
        assertThatThrownBy(() -> Variables.check(Map.of(name, value, "PATH", "x")))
                .isInstanceOf(ConfigException.class)
                .hasMessage("environment, " + name + ": expected the variable of a key that loci serve --help lists, "
                        + "such as LOCI_KV_TYPE for loci.kv.type, found none that anything reads");
    }

    @Test
    void everyKeyIsRead() {
        Map<String, String> set = new HashMap<>(DEFAULTS);
        set.replaceAll((key, value) -> "set-" + key);
        assertThat(values(config(set))).isEqualTo(new TreeMap<>(set));
    }

    @Test
    void theEnvironmentVariableCapsTheInstructionSet() {
        assertThat(config(Map.of("LOCI_MAX_ISA", "avx2")).kernels().maxIsa()).contains("avx2");
        assertThat(config(Map.of("LOCI_MAX_ISA", "avx2", "loci.kernels.max-isa", "generic"))
                        .kernels()
                        .maxIsa())
                .contains("generic");
    }

    @ParameterizedTest
    @CsvSource({"1,1", "64k,65536", "3M,3145728", "2g,2147483648", "1t,1099511627776"})
    void readsBytes(String text, long bytes) {
        assertThat(new ConfigValue("loci.kv.memory", text).bytes()).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"0s,PT0S", "250ms,PT0.25S", "30s,PT30S", "5m,PT5M", "2h,PT2H"})
    void readsDurations(String text, Duration duration) {
        assertThat(new ConfigValue("loci.shutdown.drain", text).duration("")).isEqualTo(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "-1s", "1.5s", "s", "1d", "1234567s", "30 s", "PT30S"})
    void refusesWhatAreNoDurations(String text) {
        assertThatThrownBy(() -> new ConfigValue("loci.shutdown.drain", text).duration(", or none"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("configuration, loci.shutdown.drain: expected a duration such as 500ms, 30s, 5m or 1h, or"
                        + " none, found " + (text.isEmpty() ? "nothing" : text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "k", "1x", "1.5g", "99999999999t", "9223372036854775807k"})
    void refusesWhatAreNoBytes(String text) {
        assertThatThrownBy(() -> new ConfigValue("loci.kv.memory", text).bytes())
                .isInstanceOf(ConfigException.class)
                .hasMessage("configuration, loci.kv.memory: expected bytes such as 512m or 4g, or auto, found "
                        + (text.isEmpty() ? "nothing" : text));
    }
}
