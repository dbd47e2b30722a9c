package dev.loci.telemetry;

import dev.loci.engine.EngineStats;
import dev.loci.engine.StepStats;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.quarkus.runtime.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/// What the engine counts anyway, read when somebody asks. The engine's thread does nothing for it.
@Startup
@Singleton
final class EngineMetrics {
    private static final AttributeKey<String> KERNELS = AttributeKey.stringKey("kernels");
    private static final AttributeKey<String> BINDING = AttributeKey.stringKey("binding");
    private static final AttributeKey<Long> THREADS = AttributeKey.longKey("threads");
    private static final AttributeKey<String> KV_TYPE = AttributeKey.stringKey("kv_type");
    private static final AttributeKey<Long> PAGE_TOKENS = AttributeKey.longKey("page_tokens");
    private static final AttributeKey<Long> PAGES = AttributeKey.longKey("pages");

    private final ModelFigures source;
    private final ObservableLongMeasurement kernels;
    private final ObservableLongMeasurement kvInfo;
    private final ObservableLongMeasurement running;
    private final ObservableLongMeasurement waiting;
    private final ObservableDoubleMeasurement kvUsage;
    private final ObservableLongMeasurement kvPages;
    private final ObservableLongMeasurement kvBytes;
    private final ObservableLongMeasurement tokens;
    private final ObservableLongMeasurement computed;
    private final ObservableLongMeasurement forced;
    private final ObservableLongMeasurement prefixQueries;
    private final ObservableLongMeasurement prefixHits;
    private final ObservableLongMeasurement preemptions;
    private final ObservableLongMeasurement weightBytes;
    private final ObservableDoubleMeasurement stageTime;
    private final ObservableDoubleMeasurement idleTime;
    private final TableMetrics tables;

    @Inject
    EngineMetrics(OpenTelemetry telemetry, ModelFigures source) {
        this.source = source;
        Instruments instruments = new Instruments(telemetry.getMeter(Names.SCOPE));
        kernels = instruments.info("loci.kernels.info", "Ops of the served model and how Java calls them.");
        kvInfo = instruments.info("loci.kv.info", "Shape of the KV cache.");
        running = instruments.amount(
                "loci.engine.requests.running", "{request}", "Sequences that have a place in the steps.");
        waiting = instruments.amount("loci.engine.requests.waiting", "{request}", "Sequences that have none.");
        kvUsage = instruments.gauge("loci.kv.usage", "1", "Share of the KV cache's pages that running sequences hold.");
        kvPages = instruments.amount("loci.kv.pages", "{page}", "Pages of the KV cache, by what they hold.");
        kvBytes = instruments.amount("loci.kv.memory", "By", "Memory of the KV cache.");
        tokens = instruments.counter("loci.engine.tokens", "{token}", "Prompt tokens taken in, and new tokens.");
        computed = instruments.counter("loci.engine.tokens.computed", "{token}", "Tokens that went through the model.");
        forced = instruments.counter(
                "loci.engine.tokens.forced", "{token}", "New tokens that a grammar left no choice of.");
        prefixQueries = instruments.counter(
                "loci.prefix_cache.queries", "{token}", "Prompt tokens that were looked for in the prefix cache.");
        prefixHits = instruments.counter("loci.prefix_cache.hits", "{token}", "Prompt tokens that were found there.");
        preemptions = instruments.counter(
                "loci.engine.preemptions", "{preemption}", "Times that a sequence gave its pages back.");
        weightBytes = instruments.counter("loci.engine.weight.read", "By", "Dense weights read, once a step.");
        stageTime = instruments.seconds("loci.engine.stage.time", "Time in steps, by stage.");
        idleTime =
                instruments.seconds("loci.engine.between_steps.time", "Time between steps while there was work to do.");
        tables = new TableMetrics(instruments);
        instruments.read(this::read);
    }

    private void read() {
        source.figures().ifPresent(this::read);
    }

    private void read(ModelFigures.Figures now) {
        Attributes model = Attributes.of(Names.MODEL, now.model());
        EngineStats stats = now.stats();
        kernels.record(
                1,
                model.toBuilder()
                        .put(KERNELS, now.kernels())
                        .put(BINDING, now.binding())
                        .put(THREADS, (long) now.threads())
                        .build());
        kvInfo.record(
                1,
                model.toBuilder()
                        .put(KV_TYPE, now.kvType())
                        .put(PAGE_TOKENS, (long) now.pageTokens())
                        .put(PAGES, (long) stats.pages())
                        .build());
        running.record(stats.running(), model);
        waiting.record(stats.waiting(), model);
        // counted one after the other
        int used = Math.max(0, stats.pages() - stats.freePages() - stats.cachedPages());
        kvUsage.record((double) used / stats.pages(), model);
        kvPages.record(used, with(model, Names.STATE, "used"));
        kvPages.record(stats.cachedPages(), with(model, Names.STATE, "cached"));
        kvPages.record(stats.freePages(), with(model, Names.STATE, "free"));
        kvBytes.record(now.kvBytes(), model);
        tokens.record(stats.promptTokens(), with(model, Names.KIND, "prompt"));
        tokens.record(stats.generated(), with(model, Names.KIND, "generated"));
        computed.record(stats.tokens(), model);
        forced.record(stats.forcedTokens(), model);
        prefixQueries.record(stats.promptTokens(), model);
        prefixHits.record(stats.cachedTokens(), model);
        preemptions.record(stats.preemptions(), model);
        weightBytes.record(stats.weightBytes(), model);
        stages(now.steps(), model);
        Instruments.seconds(idleTime, stats.betweenNanos(), model);
        tables.read(now, model);
    }

    private void stages(StepStats steps, Attributes model) {
        steps.stageNanos()
                .forEach((stage, nanos) -> Instruments.seconds(stageTime, nanos, with(model, Names.STAGE, stage)));
        Instruments.seconds(stageTime, steps.samplingNanos(), with(model, Names.STAGE, "sampling"));
    }

    private static Attributes with(Attributes attributes, AttributeKey<String> key, String value) {
        return attributes.toBuilder().put(key, value).build();
    }
}
