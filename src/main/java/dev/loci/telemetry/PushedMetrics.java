package dev.loci.telemetry;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.MemoryMode;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/// Sends metrics now and then, from a thread of its own. Quarkus' reader shares an executor and waits five seconds for
/// its end when the server stops.
final class PushedMetrics implements MetricReader {
    private final MetricReader reader;

    PushedMetrics(MetricExporter exporter, Duration interval) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = Thread.ofPlatform().daemon().name("loci-metrics").unstarted(task);
            thread.setContextClassLoader(loader);
            return thread;
        });
        this.reader = PeriodicMetricReader.builder(exporter)
                .setInterval(interval)
                .setExecutor(executor)
                .build();
    }

    @Override
    public void register(CollectionRegistration registration) {
        reader.register(registration);
    }

    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType type) {
        return reader.getAggregationTemporality(type);
    }

    @Override
    public Aggregation getDefaultAggregation(InstrumentType type) {
        return reader.getDefaultAggregation(type);
    }

    @Override
    public MemoryMode getMemoryMode() {
        return reader.getMemoryMode();
    }

    @Override
    public CompletableResultCode forceFlush() {
        return reader.forceFlush();
    }

    @Override
    public CompletableResultCode shutdown() {
        return reader.shutdown();
    }
}
