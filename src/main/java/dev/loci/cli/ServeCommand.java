package dev.loci.cli;

import dev.loci.app.EarlyTokenizer;
import dev.loci.config.Variables;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `loci serve`: the HTTP server. Its options are configuration keys under shorter names; a key that no option sets
/// keeps
/// the value that the environment or a file gives it.
@RegisterForReflection
@Command(
        name = "serve",
        description = "Serve a model over HTTP. Each option is a configuration key, which the environment may set too.")
final class ServeCommand implements Callable<Integer> {
    private static final String MODEL = "loci.model";
    private static final String MODEL_VARIABLE = "LOCI_MODEL";
    private static final String PORT = "quarkus.http.port";
    private static final int MAX_PORT = 65535;

    @Mixin
    private ModelOption model;

    @Option(
            names = "--model-name",
            paramLabel = "NAME",
            description = {"Name by which clients ask for it (default: the directory's).", "Key: loci.model-name"})
    private Optional<String> modelName;

    @Option(
            names = "--port",
            paramLabel = "N",
            description = {"Port; 0 for any (default: 8080).", "Key: " + PORT})
    private Optional<Integer> port;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            description = {"Address to listen on (default: 0.0.0.0).", "Key: quarkus.http.host"})
    private Optional<String> host;

    @Option(
            names = "--kv-type",
            paramLabel = "T",
            description = {"Type of the KV cache: f32, f16, bf16, int8 or auto (default).", "Key: loci.kv.type"})
    private Optional<String> kvType;

    @Option(
            names = "--kv-memory",
            paramLabel = "BYTES",
            description = {"Of the KV cache, such as 512m or 4g, or auto (default).", "Key: loci.kv.memory"})
    private Optional<String> kvMemory;

    @Option(
            names = "--activations",
            paramLabel = "A",
            description = {"f32, or auto: int8 for int8 weights (default).", "Key: loci.activations"})
    private Optional<String> activations;

    @Option(
            names = "--kernels",
            paramLabel = "B",
            description = {"native, scalar or auto (default).", "Key: loci.kernels.backend"})
    private Optional<String> kernels;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = {"Threads of the kernels; 0: as many as cores (default).", "Key: loci.kernels.threads"})
    private Optional<String> threads;

    @Option(
            names = "--max-isa",
            paramLabel = "ISA",
            description = {
                "Highest instruction set: generic, avx2, avx512 or amx (default: LOCI_MAX_ISA, or what there is).",
                "Key: loci.kernels.max-isa"
            })
    private Optional<String> maxIsa;

    @Option(
            names = "--huge-pages",
            paramLabel = "P",
            description = {"on asks for huge pages for value tables (default: off).", "Key: loci.tables.huge-pages"})
    private Optional<String> hugePages;

    @Option(
            names = "--max-sequences",
            paramLabel = "N",
            description = {"Sequences in one step at most (default: 32).", "Key: loci.batch.max-sequences"})
    private Optional<String> maxSequences;

    @Option(
            names = "--max-batch-tokens",
            paramLabel = "N",
            description = {"New tokens in one step at most (default: 256).", "Key: loci.batch.max-tokens"})
    private Optional<String> maxBatchTokens;

    @Option(
            names = "--step-time",
            paramLabel = "T",
            description = {
                "How long a step may take while others wait, such as 30ms (default), or none.",
                "Key: loci.batch.step-time"
            })
    private Optional<String> stepTime;

    @Option(
            names = "--max-queue",
            paramLabel = "N",
            description = {"Requests that wait at most (default: 1024).", "Key: loci.queue.max-requests"})
    private Optional<String> maxQueue;

    @Option(
            names = "--max-queue-tokens",
            paramLabel = "N",
            description = {"Prompt tokens that wait at most (default: 1048576).", "Key: loci.queue.max-prompt-tokens"})
    private Optional<String> maxQueueTokens;

    @Option(
            names = "--prefix-cache",
            paramLabel = "B",
            description = {
                "Keep prompts for later ones that begin alike: true (default) or false.",
                "Key: loci.prefix-cache.enabled"
            })
    private Optional<String> prefixCache;

    @Option(
            names = "--request-timeout",
            paramLabel = "T",
            description = {
                "How long a request may take, such as 30s or 5m, or none (default).",
                "Key: loci.requests.timeout"
            })
    private Optional<String> requestTimeout;

    @Option(
            names = "--max-choices",
            paramLabel = "N",
            description = {"Largest n and best_of of a request (default: 16).", "Key: loci.requests.max-choices"})
    private Optional<String> maxChoices;

    @Option(
            names = "--body-memory",
            paramLabel = "BYTES",
            description = {
                "Of all requests' bodies that are being decoded, such as 64m, or auto: a quarter of the heap (default).",
                "Key: loci.requests.body-memory"
            })
    private Optional<String> bodyMemory;

    @Option(
            names = "--drain",
            paramLabel = "T",
            description = {
                "How long requests may go on when the server stops (default: 30s).",
                "Key: loci.shutdown.drain"
            })
    private Optional<String> drain;

    @Option(
            names = "--prefix-cache-dir",
            paramLabel = "DIR",
            description = {
                "Keeps pages of common prompts here, for later starts and other processes (default: off).",
                "Key: loci.prefix-cache.persistent.path"
            })
    private Optional<String> prefixCacheDir;

    @Option(
            names = "--prefix-cache-size",
            paramLabel = "BYTES",
            description = {"Of its file at most (default: 1g).", "Key: loci.prefix-cache.persistent.size"})
    private Optional<String> prefixCacheSize;

    @Mixin
    private TelemetryFlags telemetry;

    @Option(
            names = "--api-keys-file",
            paramLabel = "FILE",
            description = {
                "One key a line, one of which each request must show (default: open to all; the environment may set"
                        + " Key: loci.api.keys, with commas between them).",
                "Key: loci.api.keys.file"
            })
    private Optional<String> apiKeysFile;

    @Option(
            names = "--head-timeout",
            paramLabel = "T",
            description = {
                "How long a connection may be idle, or take for the head of a request (default: 75s).",
                "Key: loci.http.head-timeout"
            })
    private Optional<String> headTimeout;

    @Option(
            names = "--body-timeout",
            paramLabel = "T",
            description = {"How long a body may take to arrive (default: 5m).", "Key: loci.http.body-timeout"})
    private Optional<String> bodyTimeout;

    @Option(
            names = "--write-timeout",
            paramLabel = "T",
            description = {
                "How long a client may read nothing of an answer that waits for it (default: 60s).",
                "Key: loci.http.write-timeout"
            })
    private Optional<String> writeTimeout;

    /// The keys that the options set, and the default model where nothing else names one.
    /// @param configured whether a key has a value from elsewhere
    Map<String, String> settings(boolean configured) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (model.given().isPresent() || !configured) {
            settings.put(MODEL, model.path().toString());
        }
        modelName.ifPresent(value -> settings.put("loci.model-name", value));
        port.ifPresent(value -> settings.put(PORT, Integer.toString(requirePort(value))));
        host.ifPresent(value -> settings.put("quarkus.http.host", value));
        kvType.ifPresent(value -> settings.put("loci.kv.type", value));
        kvMemory.ifPresent(value -> settings.put("loci.kv.memory", value));
        activations.ifPresent(value -> settings.put("loci.activations", value));
        kernels.ifPresent(value -> settings.put("loci.kernels.backend", value));
        threads.ifPresent(value -> settings.put("loci.kernels.threads", value));
        maxIsa.ifPresent(value -> settings.put("loci.kernels.max-isa", value));
        hugePages.ifPresent(value -> settings.put("loci.tables.huge-pages", value));
        maxSequences.ifPresent(value -> settings.put("loci.batch.max-sequences", value));
        maxBatchTokens.ifPresent(value -> settings.put("loci.batch.max-tokens", value));
        stepTime.ifPresent(value -> settings.put("loci.batch.step-time", value));
        maxQueue.ifPresent(value -> settings.put("loci.queue.max-requests", value));
        maxQueueTokens.ifPresent(value -> settings.put("loci.queue.max-prompt-tokens", value));
        prefixCache.ifPresent(value -> settings.put("loci.prefix-cache.enabled", value));
        requestTimeout.ifPresent(value -> settings.put("loci.requests.timeout", value));
        maxChoices.ifPresent(value -> settings.put("loci.requests.max-choices", value));
        bodyMemory.ifPresent(value -> settings.put("loci.requests.body-memory", value));
        drain.ifPresent(value -> settings.put("loci.shutdown.drain", value));
        prefixCacheDir.ifPresent(value -> settings.put("loci.prefix-cache.persistent.path", value));
        prefixCacheSize.ifPresent(value -> settings.put("loci.prefix-cache.persistent.size", value));
        telemetry.addTo(settings);
        apiKeysFile.ifPresent(value -> settings.put("loci.api.keys.file", value));
        headTimeout.ifPresent(value -> settings.put("loci.http.head-timeout", value));
        bodyTimeout.ifPresent(value -> settings.put("loci.http.body-timeout", value));
        writeTimeout.ifPresent(value -> settings.put("loci.http.write-timeout", value));
        return settings;
    }

    private static int requirePort(int port) {
        if (port < 0 || port > MAX_PORT) {
            throw CliException.ofOption("--port", "0 to " + MAX_PORT, port);
        }
        return port;
    }

    private static void startTokenizer(String model) {
        try {
            EarlyTokenizer.start(Path.of(model));
        } catch (InvalidPathException e) {
            // refused with the rest of the configuration
        }
    }

    @Override
    public Integer call() throws Exception {
        Variables.check(System.getenv());
        boolean configured = System.getProperty(MODEL) != null || System.getenv(MODEL_VARIABLE) != null;
        settings(configured).forEach(System::setProperty);
        startTokenizer(System.getProperty(MODEL, System.getenv(MODEL_VARIABLE)));
        AtomicReference<Optional<Throwable>> problem = new AtomicReference<>(Optional.empty());
        AtomicReference<Integer> exit = new AtomicReference<>(0);
        Quarkus.run(ServeApplication.class, (code, failure) -> {
            exit.set(code);
            problem.set(Optional.ofNullable(failure));
        });
        if (problem.get().isPresent()) {
            throw StartProblem.of(problem.get().get());
        }
        return exit.get();
    }
}
