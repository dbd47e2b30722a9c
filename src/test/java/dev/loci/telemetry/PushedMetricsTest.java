package dev.loci.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.InstrumentType;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.AggregationTemporality;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.export.MetricExporter;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class PushedMetricsTest {
    /// Never says what became of what it got.
    private record Silent(CountDownLatch exports) implements MetricExporter {
        @Override
        public CompletableResultCode export(Collection<MetricData> metrics) {
            exports.countDown();
            return new CompletableResultCode();
        }

        @Override
        public AggregationTemporality getAggregationTemporality(InstrumentType type) {
            return AggregationTemporality.CUMULATIVE;
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    @Test
    void anAnswerThatNeverComesHoldsNothingUp() throws InterruptedException {
        CountDownLatch exports = new CountDownLatch(3);
        PushedMetrics pushed = new PushedMetrics(new Silent(exports), Duration.ofMillis(5), Duration.ofMillis(5));
        try (SdkMeterProvider meters =
                SdkMeterProvider.builder().registerMetricReader(pushed).build()) {
            meters.get("test").counterBuilder("count").build().add(1);
            assertThat(exports.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }
}
