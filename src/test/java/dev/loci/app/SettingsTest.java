package dev.loci.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.api.openai.RequestLimits;
import dev.loci.config.ConfigException;
import dev.loci.config.LociConfig;
import dev.loci.engine.EngineOptions;
import dev.loci.kernel.KvType;
import dev.loci.kernel.select.Isa;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.store.HugePages;
import dev.loci.telemetry.TelemetryOptions;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsTest {
    private static LociConfig config(Map<String, String> values) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withMapping(LociConfig.class)
                .withSources(new PropertiesConfigSource(values, "test", 500))
                .build()
                .getConfigMapping(LociConfig.class);
    }

    private static RuntimeOptions options(Map<String, String> values) {
        return Settings.options(config(values));
    }

    @Test
    void limitsOfRequestsAndTheDrainArrive() {
        assertThat(Settings.limits(config(Map.of()))).isEqualTo(RequestLimits.defaults());
        assertThat(Settings.drain(config(Map.of()))).isEqualTo(Duration.ofSeconds(30));
        assertThat(Settings.limits(config(Map.of(
                        "loci.requests.timeout", "5m",
                        "loci.requests.max-choices", "1",
                        "loci.requests.body-memory", "3m"))))
                .isEqualTo(new RequestLimits(1, Optional.of(Duration.ofMinutes(5)), 3 << 20));
        assertThat(Settings.drain(config(Map.of("loci.shutdown.drain", "0s")))).isEqualTo(Duration.ZERO);
    }

    private static TelemetryOptions telemetry(Map<String, String> values) {
        return Settings.telemetry(config(values).telemetry());
    }

    @Test
    void telemetryMeasuresAndSendsNothingByDefault() {
        assertThat(telemetry(Map.of())).isEqualTo(new TelemetryOptions(true, false, 1, false, false, true));
        assertThat(telemetry(Map.of(
                        "loci.telemetry.otlp.endpoint", "https://collector:4318",
                        "loci.telemetry.otlp.protocol", "grpc",
                        "loci.telemetry.traces.sample", "0.25",
                        "loci.telemetry.traces.steps", "true",
                        "loci.telemetry.traces.content", "true",
                        "loci.telemetry.vllm-names", "false")))
                .isEqualTo(new TelemetryOptions(true, true, 0.25, true, true, false));
        assertThat(telemetry(Map.of(
                        "loci.telemetry.disabled", "true", "loci.telemetry.otlp.endpoint", "http://collector:4318")))
                .isEqualTo(new TelemetryOptions(false, false, 1, false, false, true));
    }

    @ParameterizedTest
    @CsvSource({
        "disabled,maybe,true or false",
        "vllm-names,1,true or false",
        "otlp.endpoint,collector:4318,an address such as http://collector:4318",
        "otlp.endpoint,ftp://collector,an address such as http://collector:4318",
        "otlp.endpoint,http:x,an address such as http://collector:4318",
        "otlp.protocol,http/json,http/protobuf or grpc",
        "traces.sample,1.5,a number of 0 to 1",
        "traces.sample,NaN,a number of 0 to 1",
        "traces.sample,some,a number of 0 to 1",
        "traces.steps,yes,true or false",
        "traces.content,yes,true or false",
        "logs.json,yes,true or false",
        "logs.otlp,yes,true or false"
    })
    void impossibleValuesOfTelemetryAreNamed(String key, String value, String expected) {
        assertThatThrownBy(() -> telemetry(Map.of("loci.telemetry." + key, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessage("configuration, loci.telemetry." + key + ": expected " + expected + ", found " + value);
    }

    @Test
    void theDefaultsAreTheEnginesOwn() {
        assertThat(options(Map.of()))
                .isEqualTo(new RuntimeOptions(
                        Path.of("model-store/loci-mini"),
                        new KernelOptions(KernelBackend.AUTO, 0, Optional.empty()),
                        HugePages.OFF,
                        EngineOptions.DEFAULT,
                        Optional.empty()));
    }

    @Test
    void everyKeyArrives() {
        assertThat(options(Map.ofEntries(
                        Map.entry("loci.model", "here"),
                        Map.entry("loci.kv.type", "int8"),
                        Map.entry("loci.kv.memory", "1m"),
                        Map.entry("loci.activations", "f32"),
                        Map.entry("loci.kernels.backend", "scalar"),
                        Map.entry("loci.kernels.threads", "3"),
                        Map.entry("loci.kernels.max-isa", "avx512"),
                        Map.entry("loci.tables.huge-pages", "on"),
                        Map.entry("loci.batch.max-sequences", "4"),
                        Map.entry("loci.batch.max-tokens", "5"),
                        Map.entry("loci.batch.step-time", "40ms"),
                        Map.entry("loci.queue.max-requests", "6"),
                        Map.entry("loci.queue.max-prompt-tokens", "7"),
                        Map.entry("loci.prefix-cache.enabled", "false"),
                        Map.entry("loci.prefix-cache.persistent.path", "pages"),
                        Map.entry("loci.prefix-cache.persistent.size", "2m"))))
                .isEqualTo(new RuntimeOptions(
                        Path.of("here"),
                        new KernelOptions(KernelBackend.SCALAR, 3, Optional.of(Isa.AVX512)),
                        HugePages.ON,
                        new EngineOptions(
                                Optional.of(KvType.INT8),
                                EngineOptions.ActivationMode.F32,
                                1 << 20,
                                4,
                                5,
                                Optional.of(Duration.ofMillis(40)),
                                6,
                                7,
                                false),
                        Optional.of(new PrefixStoreOptions(Path.of("pages"), 2 << 20))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "loci.requests.timeout | soon | a duration such as 500ms, 30s, 5m or 1h, or none",
                "loci.requests.timeout | 0s | a duration above 0, or none",
                "loci.requests.max-choices | 0 | an integer of at least 1",
                "loci.requests.body-memory | 0 | bytes such as 512m or 4g, or auto",
                "loci.shutdown.drain | none | a duration such as 500ms, 30s, 5m or 1h"
            })
    void anImpossibleLimitIsNamed(String key, String value, String expected) {
        LociConfig config = config(Map.of(key, value));
        assertThatThrownBy(() -> {
                    Settings.limits(config);
                    Settings.drain(config);
                })
                .isInstanceOf(ConfigException.class)
                .hasMessage("configuration, " + key + ": expected " + expected + ", found " + value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "loci.kv.type | f8 | one of f32, f16, bf16, int8, auto",
                "loci.kv.memory | much | bytes such as 512m or 4g, or auto",
                "loci.activations | int8 | one of auto, f32",
                "loci.kernels.backend | cuda | one of auto, native, scalar",
                "loci.kernels.threads | -1 | an integer of at least 0",
                "loci.kernels.max-isa | sse | one of generic, avx2, avx512, amx",
                "loci.tables.huge-pages | maybe | one of auto, off, on, copy",
                "loci.batch.max-sequences | 0 | an integer of at least 1",
                "loci.batch.max-tokens | x | an integer of at least 1",
                "loci.batch.step-time | 0ms | a duration above 0, or none",
                "loci.queue.max-requests | -1 | an integer of at least 0",
                "loci.queue.max-prompt-tokens | 0 | an integer of at least 1",
                "loci.prefix-cache.enabled | on | true or false",
                "loci.prefix-cache.persistent.size | auto | bytes such as 512m or 4g"
            })
    void anImpossibleValueIsNamed(String key, String value, String expected) {
        assertThatThrownBy(() -> options(Map.of(key, value)))
                .isInstanceOf(ConfigException.class)
                .hasMessage("configuration, " + key + ": expected " + expected + ", found " + value);
    }

    @Test
    void keysComeFromOnePlaceAndAreNeverShown() {
        assertThat(Settings.keys(config(Map.of()).api())).isEqualTo(new KeyOptions(Optional.empty(), Optional.empty()));
        assertThat(Settings.keys(config(Map.of("loci.api.keys", "sk-one, sk-two"))
                                .api())
                        .listed()
                        .orElseThrow()
                        .have("sk-two"))
                .isTrue();
        assertThat(Settings.keys(config(Map.of("loci.api.keys.file", "k")).api())
                        .file())
                .contains(Path.of("k"));
        LociConfig.Api both = config(Map.of("loci.api.keys", "sk-one", "loci.api.keys.file", "k"))
                .api();
        assertThatThrownBy(() -> Settings.keys(both))
                .isInstanceOf(ConfigException.class)
                .hasMessage("configuration, loci.api.keys: expected none beside loci.api.keys.file, found both");
        LociConfig.Api broken = config(Map.of("loci.api.keys", "sk-one,,")).api();
        assertThatThrownBy(() -> Settings.keys(broken))
                .isInstanceOf(ConfigException.class)
                .hasMessage("configuration, loci.api.keys: expected API keys with commas between them, found others:"
                        + " key 2: expected 1 to 512 visible ASCII characters, found something else");
    }

    /// Otherwise the server would be open.
    @Test
    void keysThatCannotBeExpandedAreNotNone() {
        for (String key : new String[] {"loci.api.keys", "loci.api.keys.file"}) {
            assertThatThrownBy(() -> config(Map.of(key, "sk-${nobody.knows}"))).hasMessageContaining("SRCFG00011");
            assertThatThrownBy(() -> config(Map.of(key, ""))).hasMessageContaining(key);
        }
    }

    @Test
    void connectionsHaveTime() {
        assertThat(Settings.positive("loci.http.head-timeout", "75s")).isEqualTo(Duration.ofSeconds(75));
        assertThatThrownBy(() -> Settings.positive("loci.http.head-timeout", "0s"))
                .isInstanceOf(ConfigException.class)
                .hasMessage("configuration, loci.http.head-timeout: expected a duration above 0, found 0s");
    }
}
