package dev.loci.app;

import dev.loci.store.ModelDirectory;
import dev.loci.store.ValueTable;
import dev.loci.telemetry.ModelFigures;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/// How much of each value table is in RAM. The system is asked about each page, which for large tables takes a while:
/// an answer serves all who ask within a few seconds. Thread-safe.
final class Residency {
    private static final Duration FRESH = Duration.ofSeconds(5);

    private final ModelDirectory directory;
    private List<ModelFigures.Table> tables = List.of();
    private long asked;

    /// @param directory borrowed; nobody asks once it is closed
    Residency(ModelDirectory directory) {
        this.directory = directory;
    }

    synchronized List<ModelFigures.Table> tables() {
        long now = System.nanoTime();
        if (asked == 0 || now - asked > FRESH.toNanos()) {
            tables = IntStream.range(0, directory.tables())
                    .mapToObj(directory::table)
                    .map(Residency::of)
                    .toList();
            asked = now;
        }
        return tables;
    }

    private static ModelFigures.Table of(ValueTable table) {
        return new ModelFigures.Table(table.mappedBytes(), table.residentBytes());
    }
}
