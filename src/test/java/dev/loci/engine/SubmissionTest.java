package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.engine.EngineOptions.ActivationMode;
import dev.loci.engine.GenerationEvent.Finished;
import dev.loci.engine.GenerationEvent.Reason;
import dev.loci.engine.GenerationRequest.Client;
import dev.loci.engine.Generator.Submission;
import dev.loci.engine.RunningEngine.Running;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// How requests get into an engine, alone and several at once.
final class SubmissionTest {
    private static final Path MODEL = Path.of("model-store/loci-mini");
    private static final KernelOptions NATIVE = new KernelOptions(KernelBackend.NATIVE, 2, Optional.empty());
    private static final Duration LONG = Duration.ofSeconds(60);

    private final Queue<GenerationEvent> events = new ConcurrentLinkedQueue<>();

    @Test
    void nothingIsBegunForWhatIsRefused() {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger masks = new AtomicInteger();
        try (RunningEngine engine = engine(1, 0)) {
            engine.submitHeld(RunningEngine.greedy(new int[] {5, 6}, 2), release)
                    .next();
            engine.engine().maskThreads(mask -> {
                masks.incrementAndGet();
                mask.run();
            });
            assertThatThrownBy(() -> engine.submit(lowerCase(engine)))
                    .hasMessage("engine, requests: expected at most 1, found 1");
            assertThat(masks).hasValue(0);
            release.countDown();
            assertThat(engine.engine().drain(LONG)).isTrue();
        }
    }

    @Test
    void whatCannotBeginLeavesItsPlaceToOthers() {
        try (RunningEngine engine = engine(1, 0)) {
            engine.engine().maskThreads(mask -> {
                throw new RejectedExecutionException("of a test");
            });
            assertThatThrownBy(() -> engine.submit(lowerCase(engine))).isInstanceOf(RejectedExecutionException.class);
            engine.engine().observe(failingAt(1));
            assertThatThrownBy(() -> engine.submit(RunningEngine.greedy(new int[] {5}, 1)))
                    .hasMessage("submission 1");
            Running next = engine.submit(RunningEngine.greedy(new int[] {5}, 1));
            assertThat(RunningEngine.finished(next.toTheEnd()).reason()).isEqualTo(Reason.LENGTH);
            assertThat(engine.engine().drain(LONG)).isTrue();
        }
    }

    @Test
    void severalRequestsAreTakenTogetherOrNotAtAll() {
        CountDownLatch release = new CountDownLatch(1);
        try (RunningEngine engine = engine(2, 4)) {
            Running held = engine.submitHeld(RunningEngine.greedy(new int[] {5, 6}, 2), release);
            held.next();
            assertThatThrownBy(() -> engine.engine().submitAll(several(6), () -> {}))
                    .hasMessage("engine, requests: expected at most 6, found 1 and 6 more")
                    .extracting(e -> ((EngineException) e).kind())
                    .isEqualTo(EngineException.Kind.QUEUE_FULL);
            assertThatThrownBy(() -> engine.engine().submitAll(several(7), () -> {}))
                    .hasMessage("request, generations: expected at most 6 at once, found 7")
                    .extracting(e -> ((EngineException) e).kind())
                    .isEqualTo(EngineException.Kind.REQUEST);
            assertThat(engine.engine().submitAll(several(5), () -> {})).hasSize(5);
            release.countDown();
            assertThat(engine.engine().drain(LONG)).isTrue();
        }
        assertThat(ends()).hasSize(5).allMatch(end -> end.reason() == Reason.LENGTH);
    }

    @Test
    void anErrorAmongSeveralCancelsThoseThatAreIn() {
        CountDownLatch release = new CountDownLatch(1);
        try (RunningEngine engine = engine(1, 9)) {
            engine.submitHeld(RunningEngine.greedy(new int[] {5, 6}, 2), release)
                    .next();
            engine.engine().observe(failingAt(3));
            assertThatThrownBy(() -> engine.engine().submitAll(several(5), () -> {}))
                    .hasMessage("submission 3");
            release.countDown();
            assertThat(engine.engine().drain(LONG)).isTrue();
        }
        assertThat(ends()).hasSize(2).allMatch(end -> end.reason() == Reason.CANCELLED);
    }

    @Test
    void whatComesTogetherIsOfOneClient() {
        List<Submission> twoClients =
                List.of(new Submission(request("a"), events::add), new Submission(request("b"), events::add));
        try (RunningEngine engine = engine(1, 9)) {
            assertThatThrownBy(() -> engine.engine().submitAll(twoClients, () -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("submissions, clients: expected one, found 2");
        }
    }

    private List<Finished> ends() {
        return events.stream()
                .filter(event -> event instanceof Finished)
                .map(Finished.class::cast)
                .toList();
    }

    private List<Submission> several(int count) {
        List<Submission> submissions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            submissions.add(new Submission(RunningEngine.greedy(new int[] {5, 6 + i}, 3), events::add));
        }
        return submissions;
    }

    /// Throws once.
    private static EngineObserver failingAt(int number) {
        AtomicInteger submissions = new AtomicInteger();
        return new EngineObserver() {
            @Override
            public void submitted(Generation generation) {
                if (submissions.incrementAndGet() == number) {
                    throw new IllegalStateException("submission " + number);
                }
            }
        };
    }

    private static GenerationRequest lowerCase(RunningEngine engine) {
        return new GenerationRequest(
                new int[] {5, 6},
                5,
                0,
                Sampling.GREEDY,
                List.of(),
                List.of(),
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                false,
                Client.ANYONE,
                Optional.of(engine.engine().grammars().orElseThrow().regex("[a-z]{3,20}")));
    }

    private static GenerationRequest request(String key) {
        return RunningEngine.greedy(new int[] {5}, 1, new Client(key, 0, Optional.empty()));
    }

    private static RunningEngine engine(int rows, int queue) {
        EngineOptions options = new EngineOptions(
                Optional.empty(), ActivationMode.AUTO, 0, rows, 8, Optional.empty(), queue, 1 << 20, true);
        return new RunningEngine(MODEL, NATIVE, options);
    }
}
