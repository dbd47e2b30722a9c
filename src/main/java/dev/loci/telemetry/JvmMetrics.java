package dev.loci.telemetry;

import com.sun.management.GarbageCollectionNotificationInfo;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.quarkus.runtime.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.Optional;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.openmbean.CompositeData;

/// What the virtual machine says about itself, as OpenTelemetry's conventions name it. Memory outside the heap is
/// apart:
/// pools of the machine (`non_heap`), buffers and segments (`direct`), mapped files (`mapped`).
///
/// Quarkus' own metrics of the machine are off: they keep a flight recording running.
@Startup
@Singleton
final class JvmMetrics {
    private static final AttributeKey<String> MEMORY_TYPE = AttributeKey.stringKey("jvm.memory.type");
    private static final AttributeKey<String> POOL = AttributeKey.stringKey("jvm.memory.pool.name");
    private static final AttributeKey<String> BUFFERS = AttributeKey.stringKey("jvm.buffer.pool.name");
    private static final AttributeKey<String> GC_NAME = AttributeKey.stringKey("jvm.gc.name");
    private static final AttributeKey<String> GC_ACTION = AttributeKey.stringKey("jvm.gc.action");
    private static final List<Double> GC_SECONDS = List.of(0.01, 0.1, 1.0, 10.0);
    private static final double MILLIS = 1e-3;

    private final List<MemoryPoolMXBean> pools = ManagementFactory.getMemoryPoolMXBeans();
    private final List<BufferPoolMXBean> buffers = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class);
    private final ObservableLongMeasurement used;
    private final ObservableLongMeasurement committed;
    private final ObservableLongMeasurement limit;
    private final ObservableLongMeasurement bufferUsed;
    private final ObservableLongMeasurement bufferCount;
    private final ObservableLongMeasurement threads;
    private final ObservableLongMeasurement classes;

    @Inject
    JvmMetrics(OpenTelemetry telemetry) {
        Meter meter = telemetry.getMeter(Names.SCOPE);
        Instruments instruments = new Instruments(meter);
        used = instruments.amount("jvm.memory.used", "By", "Measure of memory used.");
        committed = instruments.amount("jvm.memory.committed", "By", "Measure of memory committed.");
        limit = instruments.amount("jvm.memory.limit", "By", "Measure of max obtainable memory.");
        bufferUsed = instruments.amount("jvm.buffer.memory.used", "By", "Measure of memory used by buffers.");
        bufferCount = instruments.amount("jvm.buffer.count", "{buffer}", "Number of buffers in the pool.");
        threads = instruments.amount("jvm.thread.count", "{thread}", "Number of executing platform threads.");
        classes = instruments.amount("jvm.class.count", "{class}", "Number of classes currently loaded.");
        instruments.read(this::read);
        DoubleHistogram pauses = meter.histogramBuilder("jvm.gc.duration")
                .setUnit("s")
                .setDescription("Duration of JVM garbage collection actions.")
                .setExplicitBucketBoundariesAdvice(GC_SECONDS)
                .build();
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (collector instanceof NotificationEmitter emitter) {
                emitter.addNotificationListener((notification, _) -> hear(notification, pauses), null, null);
            }
        }
    }

    private static void hear(Notification notification, DoubleHistogram pauses) {
        if (notification.getType().equals(GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION)) {
            GarbageCollectionNotificationInfo info =
                    GarbageCollectionNotificationInfo.from((CompositeData) notification.getUserData());
            pauses.record(
                    info.getGcInfo().getDuration() * MILLIS,
                    Attributes.of(GC_NAME, info.getGcName(), GC_ACTION, info.getGcAction()));
        }
    }

    private void read(MemoryPoolMXBean pool, MemoryUsage usage) {
        Attributes attributes = Attributes.of(
                MEMORY_TYPE, pool.getType() == MemoryType.HEAP ? "heap" : "non_heap", POOL, pool.getName());
        used.record(usage.getUsed(), attributes);
        committed.record(usage.getCommitted(), attributes);
        if (usage.getMax() >= 0) {
            limit.record(usage.getMax(), attributes);
        }
    }

    private void read() {
        for (MemoryPoolMXBean pool : pools) {
            // a pool that is gone has none
            Optional.ofNullable(pool.getUsage()).ifPresent(usage -> read(pool, usage));
        }
        for (BufferPoolMXBean pool : buffers) {
            Attributes attributes = Attributes.of(BUFFERS, pool.getName());
            bufferUsed.record(Math.max(0, pool.getMemoryUsed()), attributes);
            bufferCount.record(pool.getCount(), attributes);
        }
        threads.record(ManagementFactory.getThreadMXBean().getThreadCount());
        classes.record(ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    }
}
