package dev.loci.telemetry;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.common.export.MemoryMode;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/// Sends metrics now and then, from a thread of its own. Quarkus' reader shares an executor and waits five seconds for
/// its end when the server stops.
///
/// The SDK's reader sends nothing while it waits for the answer to what it sent before. An answer may get lost, so one
/// that does not come in time counts as a failure here, and the next interval has its turn.
final class PushedMetrics implements MetricReader {
    private final MetricReader reader;

    /// @param patience with an answer
    PushedMetrics(MetricExporter exporter, Duration interval, Duration patience) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        // the reader's executor is shut down before the last figures are sent
        this.reader = PeriodicMetricReader.builder(
                        new InTime(exporter, executor("loci-metrics-timer", loader), patience))
                .setInterval(interval)
                .setExecutor(executor("loci-metrics", loader))
                .build();
    }

    private static ScheduledExecutorService executor(String name, ClassLoader loader) {
        return Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = Thread.ofPlatform().daemon().name(name).unstarted(task);
            thread.setContextClassLoader(loader);
            return thread;
        });
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

    /// @param timer owned
    private record InTime(MetricExporter exporter, ScheduledExecutorService timer, Duration patience)
            implements MetricExporter {
        @Override
        public CompletableResultCode export(Collection<MetricData> metrics) {
            CompletableResultCode answer = exporter.export(metrics);
            CompletableResultCode inTime = new CompletableResultCode();
            ScheduledFuture<?> late = timer.schedule(() -> inTime.fail(), patience.toNanos(), TimeUnit.NANOSECONDS);
            answer.whenComplete(() -> {
                late.cancel(false);
                if (answer.isSuccess()) {
                    inTime.succeed();
                } else {
                    inTime.fail();
                }
            });
            return inTime;
        }

        @Override
        public AggregationTemporality getAggregationTemporality(InstrumentType type) {
            return exporter.getAggregationTemporality(type);
        }

        @Override
        public Aggregation getDefaultAggregation(InstrumentType type) {
            return exporter.getDefaultAggregation(type);
        }

        @Override
        public MemoryMode getMemoryMode() {
            return exporter.getMemoryMode();
        }

        @Override
        public CompletableResultCode flush() {
            return exporter.flush();
        }

        @Override
        public CompletableResultCode shutdown() {
            timer.shutdown();
            return exporter.shutdown();
        }
    }
}
