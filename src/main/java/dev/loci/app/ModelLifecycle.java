package dev.loci.app;

import dev.loci.api.openai.MemoryShape;
import dev.loci.api.openai.ModelSource;
import dev.loci.api.openai.OpenCalls;
import dev.loci.api.openai.RequestLimits;
import dev.loci.api.openai.ServedModel;
import dev.loci.config.ConfigException;
import dev.loci.config.LociConfig;
import dev.loci.engine.Engine;
import dev.loci.engine.EngineException;
import dev.loci.engine.EngineStats;
import dev.loci.kernel.KernelException;
import dev.loci.kernel.Kernels;
import dev.loci.store.StoreException;
import dev.loci.telemetry.EngineTelemetry;
import dev.loci.telemetry.ModelFigures;
import dev.loci.tensor.TensorException;
import dev.loci.tokenizer.TokenizerException;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.HttpServer;
import io.quarkus.vertx.http.HttpServerStart;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.ObservesAsync;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/// Loads the server's model when it starts and closes it when it ends. A failure is kept in [StartupFailure].
@Singleton
public final class ModelLifecycle implements ModelSource {
    private static final Logger LOG = Logger.getLogger("dev.loci");
    private static final int FINGERPRINT_DIGITS = 12;

    /// What there is while the model is there.
    private record Loaded(ModelRuntime runtime, ServedModel served, Duration drain, Residency residency) {}

    private final LociConfig config;
    private final StartupFailure failure;
    private final String version;
    private final OpenCalls open;
    private final EngineTelemetry telemetry;
    private volatile boolean stopping;
    private volatile boolean hurried;
    private volatile Optional<Drain> draining = Optional.empty();
    private volatile Optional<Loaded> loaded = Optional.empty();

    @Inject
    ModelLifecycle(
            LociConfig config,
            StartupFailure failure,
            OpenCalls open,
            EngineTelemetry telemetry,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        this.config = config;
        this.failure = failure;
        this.open = open;
        this.telemetry = telemetry;
        this.version = version;
    }

    void load(@Observes StartupEvent event) {
        try {
            RequestLimits limits = Settings.limits(config);
            Duration drain = Settings.drain(config);
            boolean observed = Settings.telemetry(config.telemetry()).enabled();
            ModelRuntime runtime = ModelRuntime.open(Settings.options(config));
            if (observed) {
                runtime.engine().observe(telemetry);
            }
            loaded = Optional.of(
                    new Loaded(runtime, served(runtime, limits), drain, new Residency(runtime.directory())));
            runtime.fallbackReason().ifPresent(reason -> LOG.warn("scalar kernels: " + reason));
        } catch (ConfigException
                | EngineException
                | KernelException
                | StoreException
                | TensorException
                | TokenizerException
                | UncheckedIOException
                | IllegalArgumentException e) {
            failure.set(String.valueOf(e.getMessage()));
        }
    }

    private ServedModel served(ModelRuntime runtime, RequestLimits limits) {
        String digest = runtime.directory().digest();
        return new ServedModel(
                config.modelName().orElseGet(runtime::name),
                Instant.now().getEpochSecond(),
                runtime.engine(),
                runtime.tokenizer(),
                runtime.chatTemplate(),
                runtime.engine().contextTokens(),
                runtime.engine().vocabSize(),
                "loci-" + version + "-" + digest.substring(0, Math.min(FINGERPRINT_DIGITS, digest.length())),
                limits,
                runtime.directory()
                        .config()
                        .memory()
                        .map(memory -> new MemoryShape(memory.spans().size(), memory.rows(), memory.hits())));
    }

    /// The event has the port that was asked for; the server knows the one that a 0 became.
    void listening(@ObservesAsync HttpServerStart event, HttpServer server) {
        if (failure.message().isPresent()) {
            return;
        }
        loaded.ifPresent(now -> LOG.info("model " + now.served().id() + ", kernels "
                + now.runtime().kernels().name() + " through "
                + now.runtime().kernels().binding() + ", threads "
                + now.runtime().kernels().threads() + ", kv "
                + now.runtime().engine().kvType().name().toLowerCase(Locale.ROOT)
                + ", listening on http://localhost:" + server.getPort() + "/"));
    }

    /// Lets what is under way end while HTTP still works: Quarkus stops nothing before this returns.
    void drain(@Observes ShutdownDelayInitiatedEvent event) throws InterruptedException {
        stopping = true;
        Optional<Loaded> now = loaded;
        if (now.isPresent()) {
            Drain drain = new Drain(now.get().runtime().engine()::drain, open);
            draining = Optional.of(drain);
            if (hurried) {
                drain.cutShort();
            }
            drain.run(now.get().drain());
        }
    }

    /// Ends a drain, one that is still to begin too: what is under way ends with an error.
    public void hurry() {
        hurried = true;
        draining.ifPresent(Drain::cutShort);
    }

    void close(@Observes ShutdownEvent event) {
        Optional<Loaded> last = loaded;
        loaded = Optional.empty();
        last.ifPresent(now -> now.runtime().close());
    }

    @Override
    public Optional<ServedModel> current() {
        return loaded.map(Loaded::served);
    }

    @Override
    public Optional<EngineStats> stats() {
        return loaded.map(now -> now.runtime().engine().stats());
    }

    @Override
    public Optional<Ops> ops() {
        return loaded.map(now -> now.runtime().kernels()).map(kernels -> new Ops(kernels.name(), kernels.binding()));
    }

    /// Borrowed until the server ends.
    Optional<ModelRuntime> runtime() {
        return loaded.map(Loaded::runtime);
    }

    /// For metrics; empty while no model is there.
    Optional<ModelFigures.Figures> figures() {
        return loaded.map(now -> {
            Engine engine = now.runtime().engine();
            Kernels kernels = now.runtime().kernels();
            return new ModelFigures.Figures(
                    now.served().id(),
                    kernels.name(),
                    kernels.binding(),
                    kernels.threads(),
                    engine.kvType().name().toLowerCase(Locale.ROOT),
                    engine.kvBytes(),
                    engine.pageTokens(),
                    engine.stats(),
                    engine.stepStats(),
                    now.residency().tables());
        });
    }

    /// Why nothing can be answered now, where that is so.
    public Optional<String> outage() {
        if (stopping) {
            return Optional.of("the server is shutting down");
        }
        Optional<Loaded> now = loaded;
        if (now.isPresent()) {
            return now.get().runtime().engine().damage();
        }
        return Optional.of(failure.message().orElse("no model is loaded"));
    }
}
