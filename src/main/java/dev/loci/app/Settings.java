package dev.loci.app;

import dev.loci.api.openai.ApiKeys;
import dev.loci.api.openai.RequestLimits;
import dev.loci.config.ConfigException;
import dev.loci.config.ConfigValue;
import dev.loci.config.LociConfig;
import dev.loci.engine.EngineOptions;
import dev.loci.kernel.KvType;
import dev.loci.kernel.select.Isa;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.store.HugePages;
import dev.loci.telemetry.TelemetryOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Reads the configuration; an impossible value is a [ConfigException] that names its key.
public final class Settings {
    private static final String AUTO = "auto";
    private static final String NONE = "none";
    private static final Set<String> OTLP_PROTOCOLS = Set.of("http/protobuf", "grpc");

    private Settings() {}

    public static RuntimeOptions options(LociConfig config) {
        return new RuntimeOptions(
                path(new ConfigValue("loci.model", config.model())),
                kernels(config.kernels()),
                new ConfigValue("loci.tables.huge-pages", config.tables().hugePages()).choice(HugePages.class),
                engine(config),
                prefixStore(config.prefixCache().persistent()));
    }

    public static RequestLimits limits(LociConfig config) {
        ConfigValue timeout =
                new ConfigValue("loci.requests.timeout", config.requests().timeout());
        ConfigValue bodies =
                new ConfigValue("loci.requests.body-memory", config.requests().bodyMemory());
        return new RequestLimits(
                new ConfigValue("loci.requests.max-choices", config.requests().maxChoices()).integer(1),
                limit(timeout),
                bodies.is(AUTO) ? RequestLimits.defaultBodyBytes() : bodies.bytes());
    }

    private static Optional<Duration> limit(ConfigValue value) {
        if (value.is(NONE)) {
            return Optional.empty();
        }
        Duration limit = value.duration(", or none");
        if (limit.isZero()) {
            throw value.refused("a duration above 0, or none");
        }
        return Optional.of(limit);
    }

    /// A duration above 0.
    static Duration positive(String key, String text) {
        ConfigValue value = new ConfigValue(key, text);
        Duration duration = value.duration("");
        if (duration.isZero()) {
            throw value.refused("a duration above 0");
        }
        return duration;
    }

    /// How long requests under way may go on when the server stops.
    public static Duration drain(LociConfig config) {
        return new ConfigValue("loci.shutdown.drain", config.shutdown().drain()).duration("");
    }

    /// What the server tells about itself.
    public static TelemetryOptions telemetry(LociConfig.Telemetry config) {
        String protocol = config.otlp().protocol();
        if (!OTLP_PROTOCOLS.contains(protocol)) {
            throw new ConfigValue("loci.telemetry.otlp.protocol", protocol).refused("http/protobuf or grpc");
        }
        bool("loci.telemetry.logs.json", config.logs().json());
        bool("loci.telemetry.logs.otlp", config.logs().otlp());
        config.otlp().endpoint().ifPresent(Settings::checkEndpoint);
        boolean enabled = !bool("loci.telemetry.disabled", config.disabled());
        return new TelemetryOptions(
                enabled,
                enabled && config.otlp().endpoint().isPresent(),
                new ConfigValue("loci.telemetry.traces.sample", config.traces().sample()).share(),
                bool("loci.telemetry.traces.steps", config.traces().steps()),
                bool("loci.telemetry.traces.content", config.traces().content()),
                bool("loci.telemetry.vllm-names", config.vllmNames()));
    }

    private static void checkEndpoint(String endpoint) {
        try {
            URI uri = new URI(endpoint);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return;
            }
        } catch (URISyntaxException e) {
            throw endpointRefused(endpoint);
        }
        throw endpointRefused(endpoint);
    }

    private static ConfigException endpointRefused(String endpoint) {
        return new ConfigValue("loci.telemetry.otlp.endpoint", endpoint)
                .refused("an address such as http://collector:4318");
    }

    private static boolean bool(String key, String value) {
        return new ConfigValue(key, value).bool();
    }

    /// Where the API's keys come from.
    /// @throws ConfigException where both places are named, or there are none in the one that is
    static KeyOptions keys(LociConfig.Api config) {
        Optional<ConfigValue> keys =
                Optional.of(new ConfigValue("loci.api.keys", config.keys())).filter(value -> !value.is(NONE));
        Optional<Path> file = Optional.of(new ConfigValue("loci.api.keys.file", config.keysFile()))
                .filter(value -> !value.is(NONE))
                .map(Settings::path);
        if (keys.isPresent() && file.isPresent()) {
            throw ConfigException.of("configuration", "loci.api.keys", "none beside loci.api.keys.file", "both");
        }
        return new KeyOptions(keys.map(Settings::listed), file);
    }

    /// The keys themselves stand in no message.
    private static ApiKeys listed(ConfigValue value) {
        try {
            return ApiKeys.of(
                    Stream.of(value.value().split(",", -1)).map(String::strip).toList());
        } catch (IllegalArgumentException e) {
            throw ConfigException.of(
                    "configuration", value.key(), "API keys with commas between them", "others: " + e.getMessage());
        }
    }

    private static Path path(ConfigValue value) {
        try {
            return Path.of(value.value());
        } catch (InvalidPathException e) {
            throw value.refused("the path of a directory");
        }
    }

    private static Optional<PrefixStoreOptions> prefixStore(LociConfig.PrefixCache.Persistent config) {
        ConfigValue size = new ConfigValue("loci.prefix-cache.persistent.size", config.size());
        long maxBytes;
        try {
            maxBytes = size.bytes();
        } catch (ConfigException e) {
            // auto is none of its values
            throw size.refused("bytes such as 512m or 4g");
        }
        return config.path()
                .map(path -> new PrefixStoreOptions(
                        path(new ConfigValue("loci.prefix-cache.persistent.path", path)), maxBytes));
    }

    private static KernelOptions kernels(LociConfig.Kernels config) {
        KernelBackend backend = new ConfigValue("loci.kernels.backend", config.backend()).choice(KernelBackend.class);
        ConfigValue threads = new ConfigValue("loci.kernels.threads", config.threads());
        Optional<Isa> cap =
                config.maxIsa().map(value -> new ConfigValue("loci.kernels.max-isa", value).choice(Isa.class));
        int count = threads.integer(0);
        try {
            return new KernelOptions(backend, count, cap);
        } catch (IllegalArgumentException e) {
            throw threads.refused("a number of threads that the kernels take (" + e.getMessage() + ")");
        }
    }

    private static EngineOptions engine(LociConfig config) {
        ConfigValue kvType = new ConfigValue("loci.kv.type", config.kv().type());
        ConfigValue kvMemory = new ConfigValue("loci.kv.memory", config.kv().memory());
        return new EngineOptions(
                kvType.is(AUTO) ? Optional.empty() : Optional.of(kvType(kvType)),
                new ConfigValue("loci.activations", config.activations()).choice(EngineOptions.ActivationMode.class),
                kvMemory.is(AUTO) ? 0 : kvMemory.bytes(),
                new ConfigValue("loci.batch.max-sequences", config.batch().maxSequences()).integer(1),
                new ConfigValue("loci.batch.max-tokens", config.batch().maxTokens()).integer(1),
                limit(new ConfigValue("loci.batch.step-time", config.batch().stepTime())),
                new ConfigValue("loci.queue.max-requests", config.queue().maxRequests()).integer(0),
                new ConfigValue("loci.queue.max-prompt-tokens", config.queue().maxPromptTokens()).integer(1),
                new ConfigValue(
                                "loci.prefix-cache.enabled",
                                config.prefixCache().enabled())
                        .bool());
    }

    private static KvType kvType(ConfigValue value) {
        try {
            return value.choice(KvType.class);
        } catch (ConfigException e) {
            // auto is a value too, though no type
            throw value.refused("one of f32, f16, bf16, int8, auto");
        }
    }
}
