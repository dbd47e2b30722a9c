package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.GenerationEvent.Cause;
import dev.loci.engine.GenerationEvent.Failed;
import dev.loci.engine.GenerationEvent.Finished;
import dev.loci.engine.GenerationEvent.Reason;
import dev.loci.engine.GenerationEvent.Token;
import dev.loci.engine.GenerationRequest.Client;
import dev.loci.engine.RunningEngine.Running;
import dev.loci.kernel.KvType;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Generations whose events nobody fetches for a while.
final class PausingTest {
    private static final String NAME = "ultramem-v1";
    private static final int NEW_TOKENS = 60;

    @TempDir
    static Path temporary;

    private static Path model;

    @BeforeAll
    static void importModel() {
        model = Golden.imported(NAME, Golden.weights(NAME), temporary.resolve(NAME), WeightType.INT8, RowType.INT8);
    }

    /// An engine with room for one sequence.
    private static RunningEngine engine(boolean prefixes) {
        return new RunningEngine(
                model,
                new KernelOptions(KernelBackend.NATIVE, 1, Optional.empty()),
                new EngineOptions(
                        Optional.of(KvType.F16),
                        EngineOptions.ActivationMode.AUTO,
                        0,
                        1,
                        64,
                        Optional.empty(),
                        100,
                        1 << 20,
                        prefixes));
    }

    private static GenerationRequest request(int seed) {
        return request(seed, Client.ANYONE);
    }

    private static GenerationRequest request(int seed, Client client) {
        return new GenerationRequest(
                new Random(seed).ints(40, 2, 258).toArray(),
                NEW_TOKENS,
                0,
                new Sampling(1, 1, 0, 0, seed),
                List.of(),
                List.of(),
                true,
                OptionalInt.empty(),
                OptionalInt.empty(),
                client);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void othersHaveThePlaceAndTheAnswerIsTheSame(boolean prefixes) {
        try (RunningEngine engine = engine(prefixes)) {
            List<GenerationEvent> expected = engine.submit(request(1)).toTheEnd();
            CountDownLatch release = new CountDownLatch(1);
            Running paused = engine.submitHeld(request(1), release);
            List<GenerationEvent> events = new ArrayList<>(List.of(paused.next()));
            paused.generation().pause();
            release.countDown();
            assertThat(RunningEngine.finished(engine.submit(request(2)).toTheEnd())
                            .reason())
                    .isEqualTo(Reason.LENGTH);
            paused.events().drainTo(events);
            assertThat(events).hasSizeLessThanOrEqualTo(2).allMatch(Token.class::isInstance);
            while (engine.engine().stats().running() > 0) {
                Thread.onSpinWait();
            }
            paused.generation().resume();
            events.addAll(paused.toTheEnd());
            assertThat(EngineTest.withoutCached(events)).isEqualTo(EngineTest.withoutCached(expected));
            assertThat(engine.engine().stats().preemptions()).isZero();
        }
    }

    @Test
    void theLastOfAllMayEndWhileItIsPaused() {
        try (RunningEngine engine = engine(true)) {
            CountDownLatch release = new CountDownLatch(1);
            Running paused = engine.submitHeld(request(1), release);
            paused.next();
            paused.generation().pause();
            release.countDown();
            engine.submit(request(2)).toTheEnd();
            Thread.ofVirtual().start(() -> paused.generation().cancel());
            assertThat(engine.engine().drain(Duration.ofSeconds(60))).isTrue();
            assertThat(((Finished) paused.toTheEnd().getLast()).reason()).isEqualTo(Reason.CANCELLED);
        }
    }

    @Test
    void itsTimeRunsOutWhileTheEngineIsIdle() {
        try (RunningEngine engine = engine(true)) {
            CountDownLatch release = new CountDownLatch(1);
            Client hurried = new Client("k", 0, Optional.of(Duration.ofSeconds(5)));
            Running paused = engine.submitHeld(request(1, hurried), release);
            paused.next();
            paused.generation().pause();
            release.countDown();
            assertThat(paused.toTheEnd().getLast())
                    .isEqualTo(new Failed(Cause.TIMEOUT, "request, time: expected at most PT5S, found more"));
            assertThat(engine.engine().drain(Duration.ofSeconds(60))).isTrue();
        }
    }

    @Test
    void anEngineThatClosesEndsWhatIsPaused() {
        Running paused;
        try (RunningEngine engine = engine(true)) {
            CountDownLatch release = new CountDownLatch(1);
            paused = engine.submitHeld(request(1), release);
            paused.next();
            paused.generation().pause();
            release.countDown();
            engine.submit(request(2)).toTheEnd();
        }
        assertThat(paused.toTheEnd().getLast()).isInstanceOf(Failed.class);
    }
}
