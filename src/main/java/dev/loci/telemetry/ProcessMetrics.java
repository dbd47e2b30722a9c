package dev.loci.telemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;
import io.quarkus.runtime.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Map;
import java.util.Optional;

/// What the operating system says about the process. Where it says nothing, there are no figures.
@Startup
@Singleton
final class ProcessMetrics {
    private static final AttributeKey<String> CPU_MODE = AttributeKey.stringKey("cpu.mode");
    private static final AttributeKey<String> FAULT_TYPE = AttributeKey.stringKey("system.paging.fault.type");

    private final ObservableDoubleMeasurement cpu;
    private final ObservableLongMeasurement resident;
    private final ObservableLongMeasurement virtual;
    private final ObservableLongMeasurement memory;
    private final ObservableLongMeasurement faults;
    private final ObservableLongMeasurement threads;
    private final ObservableLongMeasurement files;
    private final ObservableDoubleMeasurement uptime;
    private final long start = System.nanoTime();

    @Inject
    ProcessMetrics(OpenTelemetry telemetry) {
        Instruments instruments = new Instruments(telemetry.getMeter(Names.SCOPE));
        cpu = instruments.seconds("process.cpu.time", "Time on CPUs.");
        resident = instruments.amount("process.memory.usage", "By", "Physical memory in use.");
        virtual = instruments.amount("process.memory.virtual", "By", "Address space in use.");
        memory = instruments.amount(
                "loci.process.memory",
                "By",
                "Physical memory by kind: anonymous (heap, KV cache, weights), file (mapped tables), shared, swap.");
        faults = instruments.counter("process.paging.faults", "{fault}", "Page faults.");
        threads = instruments.amount("process.thread.count", "{thread}", "Threads of the system.");
        files = instruments.amount("process.unix.file_descriptor.count", "{file_descriptor}", "Open files.");
        uptime = instruments.gauge("process.uptime", "s", "Since the start.");
        instruments.read(this::read);
    }

    private void read() {
        uptime.record(Clock.seconds(System.nanoTime() - start));
        ProcFiles.stat().ifPresent(this::read);
        ProcFiles.status().ifPresent(this::read);
        ProcFiles.openFiles().ifPresent(count -> files.record(count));
    }

    private void read(ProcFiles.Stat stat) {
        cpu.record(stat.userSeconds(), Attributes.of(CPU_MODE, "user"));
        cpu.record(stat.systemSeconds(), Attributes.of(CPU_MODE, "system"));
        faults.record(stat.majorFaults(), Attributes.of(FAULT_TYPE, "major"));
        faults.record(stat.minorFaults(), Attributes.of(FAULT_TYPE, "minor"));
        threads.record(stat.threads());
    }

    private void read(Map<String, Long> status) {
        record(status, "VmRSS", resident, Attributes.empty());
        record(status, "VmSize", virtual, Attributes.empty());
        record(status, "RssAnon", memory, Attributes.of(Names.KIND, "anonymous"));
        record(status, "RssFile", memory, Attributes.of(Names.KIND, "file"));
        record(status, "RssShmem", memory, Attributes.of(Names.KIND, "shared"));
        record(status, "VmSwap", memory, Attributes.of(Names.KIND, "swap"));
    }

    private static void record(
            Map<String, Long> status, String key, ObservableLongMeasurement instrument, Attributes attributes) {
        Optional.ofNullable(status.get(key)).ifPresent(bytes -> instrument.record(bytes, attributes));
    }
}
