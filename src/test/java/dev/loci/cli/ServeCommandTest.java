package dev.loci.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.config.LociConfig;
import io.smallrye.config.WithName;
import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

final class ServeCommandTest {
    private static Map<String, String> settings(boolean configured, String... args) {
        ServeCommand command = new ServeCommand();
        new CommandLine(command).parseArgs(args);
        return command.settings(configured);
    }

    @Test
    void setsAKeyForEachOption() {
        String[] args = {
            "--model=m",
            "--model-name=n",
            "--port=1",
            "--host=h",
            "--kv-type=f16",
            "--kv-memory=1g",
            "--activations=f32",
            "--kernels=scalar",
            "--threads=2",
            "--max-isa=avx2",
            "--huge-pages=on",
            "--max-sequences=3",
            "--max-batch-tokens=4",
            "--step-time=40ms",
            "--max-queue=5",
            "--max-queue-tokens=6",
            "--prefix-cache=false",
            "--request-timeout=7s",
            "--max-choices=8",
            "--body-memory=64m",
            "--drain=9s",
            "--prefix-cache-dir=d",
            "--prefix-cache-size=2g",
            "--telemetry-disabled=false",
            "--vllm-names=false",
            "--otlp-endpoint=http://c:4318",
            "--otlp-protocol=grpc",
            "--trace-sample=0.1",
            "--trace-steps=true",
            "--trace-content=true",
            "--json-logs=true",
            "--otlp-logs=true",
            "--api-keys-file=k",
            "--head-timeout=10s",
            "--body-timeout=11s",
            "--write-timeout=12s"
        };
        assertThat(settings(true, args))
                .containsExactly(
                        Map.entry("loci.model", "m"),
                        Map.entry("loci.model-name", "n"),
                        Map.entry("quarkus.http.port", "1"),
                        Map.entry("quarkus.http.host", "h"),
                        Map.entry("loci.kv.type", "f16"),
                        Map.entry("loci.kv.memory", "1g"),
                        Map.entry("loci.activations", "f32"),
                        Map.entry("loci.kernels.backend", "scalar"),
                        Map.entry("loci.kernels.threads", "2"),
                        Map.entry("loci.kernels.max-isa", "avx2"),
                        Map.entry("loci.tables.huge-pages", "on"),
                        Map.entry("loci.batch.max-sequences", "3"),
                        Map.entry("loci.batch.max-tokens", "4"),
                        Map.entry("loci.batch.step-time", "40ms"),
                        Map.entry("loci.queue.max-requests", "5"),
                        Map.entry("loci.queue.max-prompt-tokens", "6"),
                        Map.entry("loci.prefix-cache.enabled", "false"),
                        Map.entry("loci.requests.timeout", "7s"),
                        Map.entry("loci.requests.max-choices", "8"),
                        Map.entry("loci.requests.body-memory", "64m"),
                        Map.entry("loci.shutdown.drain", "9s"),
                        Map.entry("loci.prefix-cache.persistent.path", "d"),
                        Map.entry("loci.prefix-cache.persistent.size", "2g"),
                        Map.entry("loci.telemetry.disabled", "false"),
                        Map.entry("loci.telemetry.vllm-names", "false"),
                        Map.entry("loci.telemetry.otlp.endpoint", "http://c:4318"),
                        Map.entry("loci.telemetry.otlp.protocol", "grpc"),
                        Map.entry("loci.telemetry.traces.sample", "0.1"),
                        Map.entry("loci.telemetry.traces.steps", "true"),
                        Map.entry("loci.telemetry.traces.content", "true"),
                        Map.entry("loci.telemetry.logs.json", "true"),
                        Map.entry("loci.telemetry.logs.otlp", "true"),
                        Map.entry("loci.api.keys.file", "k"),
                        Map.entry("loci.http.head-timeout", "10s"),
                        Map.entry("loci.http.body-timeout", "11s"),
                        Map.entry("loci.http.write-timeout", "12s"));
    }

    @Test
    void leavesKeysAloneThatNoOptionNames() {
        assertThat(settings(true)).isEmpty();
        assertThat(settings(false)).containsExactly(Map.entry("loci.model", "model-store/loci-mini"));
    }

    @Test
    void hasAnOptionForEveryKey() {
        CommandLine command = new CommandLine(new ServeCommand()).setUsageHelpWidth(400);
        String described = command.getUsageMessage().replaceAll("\\s+", " ");
        assertThat(keys("loci", LociConfig.class).filter(key -> !key.equals("loci.model")))
                .isNotEmpty()
                .allSatisfy(key -> assertThat(described).contains("Key: " + key));
    }

    private static Stream<String> keys(String prefix, Class<?> type) {
        return new TreeSet<>(Stream.of(type.getDeclaredMethods())
                        .map(Method::getName)
                        .toList())
                .stream().flatMap(name -> {
                    Method method = method(type, name);
                    String key = prefix + "."
                            + Optional.ofNullable(method.getAnnotation(WithName.class))
                                    .map(WithName::value)
                                    .orElseGet(() ->
                                            name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
                    Class<?> value = method.getReturnType();
                    return value.isInterface() ? keys(key, value) : Stream.of(key);
                });
    }

    private static Method method(Class<?> type, String name) {
        try {
            return type.getDeclaredMethod(name);
        } catch (NoSuchMethodException e) {
            throw new AssertionError(e);
        }
    }
}
