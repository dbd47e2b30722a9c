package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class EngineObserverTest {
    private static final Path MODEL = Path.of("model-store/loci-mini");
    private static final KernelOptions NATIVE = new KernelOptions(KernelBackend.NATIVE, 2, Optional.empty());
    private static final int LAYERS = 2;
    private static final int HITS = 32;

    /// Adds up what it hears.
    private static final class Sums implements EngineObserver {
        final BlockingQueue<Generation> submitted = new LinkedBlockingQueue<>();
        final BlockingQueue<Generation> ended = new LinkedBlockingQueue<>();
        final AtomicLong tokens = new AtomicLong();
        final AtomicLong ofSequences = new AtomicLong();
        final AtomicLong hits = new AtomicLong();
        final AtomicLong steps = new AtomicLong();

        @Override
        public void submitted(Generation generation) {
            submitted.add(generation);
        }

        @Override
        public void ended(Generation generation) {
            ended.add(generation);
        }

        @Override
        public void gathered(int layer, long hitRows, long uniqueRows, long nanos, long faults) {
            assertThat(layer).isBetween(0, LAYERS - 1);
            assertThat(uniqueRows).isBetween(1L, hitRows);
            assertThat(nanos).isPositive();
            hits.addAndGet(hitRows);
        }

        @Override
        public void stepEnded(Step step) {
            assertThat(step.number()).isEqualTo(steps.getAndIncrement());
            assertThat(step.nanos()).isPositive();
            tokens.addAndGet(step.tokens());
            for (int i = 0; i < step.sequences(); i++) {
                assertThat(step.sequence(i)).isIn(submitted);
                ofSequences.addAndGet(step.tokensOf(i));
            }
        }
    }

    private static GenerationRequest request(int maxTokens) {
        return RunningEngine.greedy(new int[] {300, 301, 302, 303, 304}, maxTokens);
    }

    private static Progress next(BlockingQueue<Generation> ended) throws InterruptedException {
        Generation generation = ended.poll(60, TimeUnit.SECONDS);
        assertThat(generation).as("a generation that ended").isNotNull();
        return generation.progress().orElseThrow();
    }

    @Test
    void toldOfEveryStepGatherAndEnd() throws InterruptedException {
        Sums sums = new Sums();
        try (RunningEngine running = new RunningEngine(MODEL, NATIVE, EngineOptions.DEFAULT)) {
            running.engine().observe(sums);
            running.submit(request(7)).toTheEnd();
            Progress progress = next(sums.ended);

            assertThat(progress.succeeded()).isTrue();
            assertThat(progress.reason()).contains(GenerationEvent.Reason.LENGTH);
            assertThat(progress.promptTokens()).isEqualTo(5);
            assertThat(progress.completionTokens()).isEqualTo(7);
            assertThat(List.of(
                            progress.submitted(),
                            progress.started(),
                            progress.firstToken(),
                            progress.ended(),
                            System.nanoTime()))
                    .isSorted();
            EngineStats stats = running.engine().stats();
            assertThat(sums.tokens).hasValue(5 + 7 - 1).hasValue(stats.tokens());
            assertThat(sums.ofSequences).hasValue(stats.tokens());
            assertThat(sums.hits).hasValue(LAYERS * HITS * stats.tokens());
            assertThat(sums.steps).hasValue(stats.steps());
        }
    }

    @Test
    void addsUpWhereTimeWent() throws InterruptedException {
        Sums sums = new Sums();
        try (RunningEngine running = new RunningEngine(MODEL, NATIVE, EngineOptions.DEFAULT)) {
            running.engine().observe(sums);
            running.submit(request(20)).toTheEnd();
            next(sums.ended);

            EngineStats stats = running.engine().stats();
            StepStats steps = running.engine().stepStats();
            long parts = steps.samplingNanos()
                    + steps.stageNanos().values().stream()
                            .mapToLong(Long::longValue)
                            .sum();
            assertThat(steps.stageNanos().values())
                    .allSatisfy(nanos -> assertThat(nanos).isPositive());
            assertThat(parts).isBetween(stats.stepNanos() / 2, stats.stepNanos());
            assertThat(steps.stepNanos().count()).isEqualTo(stats.steps());
            assertThat(steps.stepNanos().sum()).isEqualTo(stats.stepNanos());
            assertThat(steps.tokens().sum()).isEqualTo(stats.tokens());
            assertThat(steps.sequences().sum()).isEqualTo(stats.steps());
            assertThat(steps.gapNanos().count()).isEqualTo(19);
            assertThat(steps.tables()).hasSize(LAYERS);
            assertThat(steps.tables().stream().mapToLong(StepStats.Table::nanos).sum())
                    .isPositive()
                    .isLessThan(steps.stageNanos().get("memory_read"));
        }
    }

    @Test
    void aCancelledGenerationEndsWithoutSuccess() throws InterruptedException {
        Sums sums = new Sums();
        CountDownLatch release = new CountDownLatch(1);
        try (RunningEngine running = new RunningEngine(MODEL, NATIVE, EngineOptions.DEFAULT)) {
            running.engine().observe(sums);
            RunningEngine.Running held = running.submitHeld(request(500), release);
            held.generation().cancel();
            release.countDown();
            held.toTheEnd();
            Progress progress = next(sums.ended);

            assertThat(progress.succeeded()).isFalse();
            assertThat(progress.reason()).contains(GenerationEvent.Reason.CANCELLED);
            assertThat(progress.completionTokens()).isLessThan(500);
        }
    }

    @Test
    void aValueBelongsToTheFirstBucketThatHoldsIt() {
        StepHistogram histogram = new StepHistogram(1, 2, 4);
        for (long value : new long[] {0, 1, 2, 3, 4, 5, 900}) {
            histogram.add(value);
        }
        StepStats.Distribution counted = histogram.distribution();
        assertThat(counted.counts()).containsExactly(2, 1, 2, 2);
        assertThat(counted.sum()).isEqualTo(915);
        assertThat(Arrays.stream(counted.counts()).sum()).isEqualTo(counted.count());
    }
}
