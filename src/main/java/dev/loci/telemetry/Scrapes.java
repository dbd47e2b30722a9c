package dev.loci.telemetry;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.CollectionRegistration;
import io.opentelemetry.sdk.metrics.export.MetricReader;
import jakarta.inject.Singleton;
import java.util.Collection;

/// Reads all metrics when it is asked to.
@Singleton
final class Scrapes implements MetricReader {
    private volatile CollectionRegistration metrics = CollectionRegistration.noop();

    Scrapes() {}

    Collection<MetricData> collect() {
        return metrics.collectAllMetrics();
    }

    @Override
    public void register(CollectionRegistration registration) {
        metrics = registration;
    }

    @Override
    public AggregationTemporality getAggregationTemporality(InstrumentType type) {
        return AggregationTemporality.CUMULATIVE;
    }

    @Override
    public CompletableResultCode forceFlush() {
        return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
        metrics = CollectionRegistration.noop();
        return CompletableResultCode.ofSuccess();
    }
}
