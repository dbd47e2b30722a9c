package dev.loci.cli.bench;

import dev.loci.model.Stage;
import dev.loci.model.StageListener;
import java.util.EnumMap;
import java.util.Map;

/// Adds up the time of each stage.
final class StageClock implements StageListener {
    private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);
    private long sampling;
    private long gathering;
    private long last;

    /// Time until here belongs to nothing.
    void start() {
        last = System.nanoTime();
    }

    @Override
    public void ended(Stage stage) {
        nanos.merge(stage, lap(), Long::sum);
    }

    @Override
    public void gathered(int layer, long hits, long uniqueRows, long nanosOfRows, long faults) {
        gathering += nanosOfRows;
    }

    void endedSampling() {
        sampling += lap();
    }

    private long lap() {
        long now = System.nanoTime();
        long lap = now - last;
        last = now;
        return lap;
    }

    long nanos(Stage stage) {
        return nanos.getOrDefault(stage, 0L);
    }

    long sampling() {
        return sampling;
    }

    /// Of [Stage#MEMORY_READ], the time in which rows were gathered and pooled.
    long gathering() {
        return gathering;
    }

    long total() {
        return sampling + nanos.values().stream().mapToLong(Long::longValue).sum();
    }
}
