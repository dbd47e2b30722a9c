package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.RunningEngine.Running;
import dev.loci.grammar.TokenGrammar;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/// Masks that are worked out only when the test lets them be.
final class LateMaskTest {
    private static final KernelOptions NATIVE = new KernelOptions(KernelBackend.NATIVE, 2, Optional.empty());
    private static final Path MODEL = Path.of("model-store/loci-mini");
    private static final int[] PROMPT = {20, 30, 40};

    private static GenerationRequest request(int maxTokens, Optional<TokenGrammar> grammar) {
        return new GenerationRequest(
                PROMPT,
                maxTokens,
                0,
                new Sampling(1, 1, 0, 0, 7),
                List.of(),
                List.of(),
                grammar.isEmpty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                false,
                GenerationRequest.Client.ANYONE,
                grammar);
    }

    @Test
    void aSequenceWhoseMaskIsLateHoldsNobodyUpAndLosesNothing() {
        try (RunningEngine running = new RunningEngine(MODEL, NATIVE, EngineOptions.DEFAULT)) {
            Engine engine = running.engine();
            TokenGrammar grammar = engine.grammars().orElseThrow().regex("[a-z]{4} (left|right) [0-9]{3}");
            GenerationRequest held = request(60, Optional.of(grammar));
            LinkedBlockingQueue<Runnable> withheld = new LinkedBlockingQueue<>();
            CountDownLatch both = new CountDownLatch(1);
            Running free = running.submitHeld(request(40, Optional.empty()), both);
            engine.maskThreads(withheld::add);
            Running late = running.submit(held);
            both.countDown();
            assertThat(RunningEngine.finished(free.toTheEnd()).completionTokens())
                    .isEqualTo(40);
            assertThat(late.events()).as("answers without a mask").isEmpty();

            // from here on it is alone: its masks are worked out as they are asked for
            Thread masks = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        withheld.take().run();
                    }
                } catch (InterruptedException e) {
                    // the test is over
                }
            });
            List<GenerationEvent> events = EngineTest.withoutCached(late.toTheEnd());
            masks.interrupt();
            engine.maskThreads(Runnable::run);
            assertThat(events)
                    .isEqualTo(EngineTest.withoutCached(running.submit(held).toTheEnd()));
        }
    }
}
