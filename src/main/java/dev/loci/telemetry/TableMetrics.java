package dev.loci.telemetry;

import dev.loci.engine.EngineStats;
import dev.loci.engine.StepStats;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.metrics.ObservableDoubleMeasurement;
import io.opentelemetry.api.metrics.ObservableLongMeasurement;

/// Figures of the value tables, one series for each.
final class TableMetrics {
    private final ObservableLongMeasurement size;
    private final ObservableLongMeasurement resident;
    private final ObservableDoubleMeasurement residency;
    private final ObservableLongMeasurement hits;
    private final ObservableLongMeasurement uniqueRows;
    private final ObservableLongMeasurement read;
    private final ObservableDoubleMeasurement gatherTime;
    private final ObservableLongMeasurement faults;

    TableMetrics(Instruments instruments) {
        size = instruments.amount("loci.table.size", "By", "Bytes of the table.");
        resident = instruments.amount("loci.table.resident", "By", "Bytes of the table whose pages are in RAM.");
        residency = instruments.gauge("loci.table.residency", "1", "Share of the table's bytes that are in RAM.");
        hits = instruments.counter("loci.table.hits", "{row}", "Rows used, once for each token that uses them.");
        uniqueRows = instruments.counter("loci.table.unique_rows", "{row}", "Distinct rows of each step, added up.");
        read = instruments.counter("loci.table.read", "By", "Bytes of those distinct rows.");
        gatherTime = instruments.seconds("loci.table.gather.time", "Time in which rows were gathered and pooled.");
        faults = instruments.counter(
                "loci.table.major_faults", "{fault}", "Major faults of the process while rows were gathered.");
    }

    void read(ModelFigures.Figures now, Attributes model) {
        for (int i = 0; i < now.tables().size(); i++) {
            Attributes table =
                    model.toBuilder().put(Names.TABLE, Integer.toString(i)).build();
            ModelFigures.Table memory = now.tables().get(i);
            size.record(memory.bytes(), table);
            memory.residentBytes().ifPresent(bytes -> {
                resident.record(bytes, table);
                residency.record((double) bytes / memory.bytes(), table);
            });
            EngineStats.Table counts = now.stats().tables().get(i);
            hits.record(counts.hits(), table);
            uniqueRows.record(counts.uniqueRows(), table);
            read.record(counts.bytes(), table);
            StepStats.Table costs = now.steps().tables().get(i);
            Instruments.seconds(gatherTime, costs.nanos(), table);
            faults.record(costs.majorFaults(), table);
        }
    }
}
