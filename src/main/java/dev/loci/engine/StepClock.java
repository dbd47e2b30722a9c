package dev.loci.engine;

import dev.loci.model.Stage;
import dev.loci.model.StageListener;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/// Adds up where the time of steps goes. The step loop's thread counts, any reads.
final class StepClock implements StageListener {
    private static final long MICRO = 1000;
    private static final long MILLI = 1000 * MICRO;

    private final Map<Stage, AtomicLong> stages = new EnumMap<>(Stage.class);
    private final AtomicLong sampling = new AtomicLong();
    private final StepHistogram durations = new StepHistogram(
            250 * MICRO,
            500 * MICRO,
            MILLI,
            2 * MILLI,
            4 * MILLI,
            8 * MILLI,
            15 * MILLI,
            30 * MILLI,
            60 * MILLI,
            120 * MILLI,
            250 * MILLI,
            500 * MILLI,
            1000 * MILLI,
            2000 * MILLI,
            4000 * MILLI);
    private final StepHistogram tokens =
            new StepHistogram(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192);
    private final StepHistogram sequences = new StepHistogram(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024);
    private final StepHistogram gaps = new StepHistogram(
            250 * MICRO,
            500 * MICRO,
            MILLI,
            2 * MILLI,
            3 * MILLI,
            5 * MILLI,
            7_500 * MICRO,
            10 * MILLI,
            15 * MILLI,
            25 * MILLI,
            50 * MILLI,
            75 * MILLI,
            100 * MILLI,
            150 * MILLI,
            200 * MILLI,
            300 * MILLI,
            400 * MILLI,
            500 * MILLI,
            750 * MILLI,
            1000 * MILLI,
            2500 * MILLI,
            5000 * MILLI,
            10_000 * MILLI);
    private long last;
    private volatile EngineObserver observer = EngineObserver.NONE;

    StepClock() {
        for (Stage stage : Stage.values()) {
            stages.put(stage, new AtomicLong());
        }
    }

    void observer(EngineObserver engineObserver) {
        observer = engineObserver;
    }

    void began() {
        last = System.nanoTime();
        observer.stepBegan();
    }

    @Override
    public void ended(Stage stage) {
        AtomicLong total = stages.get(stage);
        total.setRelease(total.getPlain() + lap());
    }

    @Override
    public void gathered(int layer, long hits, long uniqueRows, long nanos, long faults) {
        observer.gathered(layer, hits, uniqueRows, nanos, faults);
    }

    /// A sequence drew a token.
    /// @param gap nanoseconds since its token before; below 0 for its first, and for the first after a pause
    void drew(long gap) {
        if (gap >= 0) {
            gaps.add(gap);
        }
    }

    void endedSampling() {
        sampling.setRelease(sampling.getPlain() + lap());
    }

    void ended(EngineObserver.Step step) {
        durations.add(step.nanos());
        tokens.add(step.tokens());
        sequences.add(step.sequences());
        observer.stepEnded(step);
    }

    private long lap() {
        long now = System.nanoTime();
        long lap = now - last;
        last = now;
        return lap;
    }

    StepStats stats(List<StepStats.Table> tables) {
        Map<String, Long> nanos = new HashMap<>();
        stages.forEach((stage, total) -> nanos.put(stage.name().toLowerCase(Locale.ROOT), total.getAcquire()));
        return new StepStats(
                nanos,
                sampling.getAcquire(),
                durations.distribution(),
                tokens.distribution(),
                sequences.distribution(),
                gaps.distribution(),
                tables);
    }
}
