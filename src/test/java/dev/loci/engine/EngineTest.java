package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.engine.GenerationEvent.Failed;
import dev.loci.engine.GenerationEvent.Finished;
import dev.loci.engine.GenerationEvent.PromptScored;
import dev.loci.engine.GenerationEvent.Reason;
import dev.loci.engine.GenerationEvent.Token;
import dev.loci.engine.RunningEngine.Running;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EngineTest {
    private static final KernelOptions NATIVE = new KernelOptions(KernelBackend.NATIVE, 2, Optional.empty());
    private static final EngineOptions OPTIONS =
            new EngineOptions(Optional.empty(), EngineOptions.ActivationMode.AUTO, 0, 16, 32, 100);

    @TempDir
    static Path temporary;

    private static Path model;
    private static RunningEngine running;

    @BeforeAll
    static void openEngine() {
        String name = "ultramem-v1-2head";
        model = Golden.imported(name, Golden.weights(name), temporary.resolve(name), WeightType.INT8, RowType.INT4);
        running = new RunningEngine(model, NATIVE, OPTIONS);
    }

    @AfterAll
    static void closeEngine() {
        running.close();
    }

    @Test
    void aRequestGivesTheSameBitsAloneAndBesideFifteenOthers() {
        Random random = new Random(17);
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            int[] prompt = random.ints(1 + random.nextInt(90), 2, 258).toArray();
            Sampling sampling =
                    i % 3 == 0 ? Sampling.GREEDY : new Sampling(0.5 + random.nextDouble(), 0.9, i % 2 * 40, 0, i);
            requests.add(new GenerationRequest(
                    prompt,
                    1 + random.nextInt(60),
                    sampling,
                    i % 4 == 0 ? List.of("e", "qu") : List.of(),
                    List.of(),
                    false,
                    OptionalInt.of(3),
                    i % 2 == 0 ? OptionalInt.of(1) : OptionalInt.empty()));
        }
        List<List<GenerationEvent>> alone = new ArrayList<>();
        for (GenerationRequest request : requests) {
            alone.add(running.submit(request).toTheEnd());
        }
        List<Running> together = requests.stream().map(running::submit).toList();
        for (int i = 0; i < requests.size(); i++) {
            assertThat(withoutCached(together.get(i).toTheEnd()))
                    .as("request " + i)
                    .isEqualTo(withoutCached(alone.get(i)));
        }
    }

    @Test
    void stepsOfAnySizeAndAnyNumberOfThreadsGiveTheSameBits() {
        GenerationRequest request = new GenerationRequest(
                new Random(3).ints(75, 2, 258).toArray(),
                40,
                new Sampling(0.8, 0.95, 0, 0, 5),
                List.of(),
                List.of(),
                true,
                OptionalInt.of(2),
                OptionalInt.of(0));
        List<GenerationEvent> expected = running.submit(request).toTheEnd();
        for (int stepTokens : new int[] {16, 17, 75, 128}) {
            for (int threads = 1; threads <= 3; threads++) {
                EngineOptions options =
                        new EngineOptions(Optional.empty(), EngineOptions.ActivationMode.AUTO, 0, 16, stepTokens, 100);
                KernelOptions backend = new KernelOptions(KernelBackend.NATIVE, threads, Optional.empty());
                try (RunningEngine other = new RunningEngine(model, backend, options)) {
                    assertThat(other.submit(request).toTheEnd())
                            .as(stepTokens + " tokens a step, " + threads + " threads")
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void greedyTextContinuesAsItsOwnScoresSay() {
        List<GenerationEvent> events = running.submit(greedy("Loci", 12)).toTheEnd();
        List<Integer> ids = new ArrayList<>();
        for (int id : running.tokenizer().encode("Loci", true)) {
            ids.add(id);
        }
        for (GenerationEvent event : events) {
            if (event instanceof Token token) {
                ids.add(token.id());
            }
        }
        GenerationRequest scoring = new GenerationRequest(
                ids.stream().mapToInt(Integer::intValue).toArray(),
                0,
                Sampling.GREEDY,
                List.of(),
                List.of(),
                false,
                OptionalInt.empty(),
                OptionalInt.of(1));
        List<GenerationEvent> scored = running.submit(scoring).toTheEnd();
        PromptScored scores = (PromptScored) scored.getFirst();
        assertThat(scores.scores()).hasSameSizeAs(ids);
        assertThat(scores.scores().getFirst().logprob()).isEmpty();
        for (int i = 4; i < ids.size(); i++) {
            assertThat(scores.scores().get(i).top().getFirst().id()).isEqualTo(ids.get(i));
        }
        assertThat(scored.getLast()).isEqualTo(new Finished(Reason.LENGTH, "", ids.size(), 0, Optional.empty()));
    }

    private static List<GenerationEvent> stopped(String stop, OptionalInt topLogprobs) {
        GenerationRequest request = new GenerationRequest(
                running.tokenizer().encode("abc", true),
                30,
                Sampling.GREEDY,
                List.of(stop),
                List.of(),
                true,
                topLogprobs,
                OptionalInt.empty());
        return running.submit(request).toTheEnd();
    }

    @Test
    void aStopStringEndsTheTextBeforeIt() {
        String whole = RunningEngine.text(running.submit(greedy("abc", 30)).toTheEnd());
        String stop = whole.substring(5, 8);
        List<GenerationEvent> events = stopped(stop, OptionalInt.empty());
        assertThat(RunningEngine.text(events)).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(RunningEngine.finished(events).reason()).isEqualTo(Reason.STOP);
        assertThat(RunningEngine.finished(events).stoppedBy()).contains(stop);
    }

    @Test
    void tokensWhoseTextAStopStringCutsOffKeepTheirScores() {
        String whole = RunningEngine.text(running.submit(greedy("abc", 30)).toTheEnd());
        String stop = whole.substring(5, 8);
        List<GenerationEvent> events = stopped(stop, OptionalInt.of(0));
        List<Token> tokens = events.stream()
                .filter(event -> event instanceof Token)
                .map(event -> (Token) event)
                .toList();
        assertThat(tokens).allMatch(token -> token.score().isPresent());
        assertThat(tokens).hasSize(RunningEngine.finished(events).completionTokens());
        String scored =
                running.tokenizer().decode(tokens.stream().mapToInt(Token::id).toArray(), false);
        assertThat(scored).contains(stop).startsWith(RunningEngine.text(events));
    }

    @Test
    void aStopTokenEndsTheGenerationAndCounts() {
        List<GenerationEvent> whole = running.submit(greedy("abc", 10)).toTheEnd();
        Token third = (Token) whole.get(2);
        long firstPlace = whole.stream()
                .filter(event -> event instanceof Token)
                .map(event -> ((Token) event).id())
                .takeWhile(id -> id != third.id())
                .count();
        GenerationRequest request = new GenerationRequest(
                running.tokenizer().encode("abc", true),
                10,
                Sampling.GREEDY,
                List.of(),
                List.of(third.id()),
                true,
                OptionalInt.empty(),
                OptionalInt.empty());
        Finished finished = RunningEngine.finished(running.submit(request).toTheEnd());
        assertThat(finished.reason()).isEqualTo(Reason.STOP);
        assertThat(finished.completionTokens()).isEqualTo((int) firstPlace + 1);
        assertThat(finished.stoppedBy()).contains(Integer.toString(third.id()));
    }

    @Test
    void aCancelledGenerationEndsWhileItRuns() {
        Running generation = running.submit(greedy("abc", 200));
        assertThat(generation.next()).isInstanceOf(Token.class);
        generation.generation().cancel();
        assertThat(RunningEngine.finished(generation.toTheEnd()).reason()).isEqualTo(Reason.CANCELLED);
    }

    @Test
    void aRequestIsCancelledWhileItWaits() {
        EngineOptions one = new EngineOptions(Optional.empty(), EngineOptions.ActivationMode.AUTO, 0, 1, 8, 10);
        try (RunningEngine small = new RunningEngine(model, NATIVE, one)) {
            Running first = small.submit(greedy("abc", 200));
            assertThat(first.next()).isInstanceOf(Token.class);
            Running second = small.submit(greedy("abc", 200));
            second.generation().cancel();
            assertThat(second.toTheEnd()).containsExactly(new Finished(Reason.CANCELLED, "", 3, 0, Optional.empty()));
            first.generation().cancel();
            assertThat(RunningEngine.finished(first.toTheEnd()).reason()).isEqualTo(Reason.CANCELLED);
        }
    }

    @Test
    void aFullQueueRefuses() {
        EngineOptions one = new EngineOptions(Optional.empty(), EngineOptions.ActivationMode.AUTO, 0, 1, 8, 1);
        try (RunningEngine small = new RunningEngine(model, NATIVE, one)) {
            CountDownLatch release = new CountDownLatch(1);
            Running first = small.submitHeld(greedy("abc", 250), release);
            assertThat(first.next()).isInstanceOf(Token.class);
            Running second = small.submit(greedy("abc", 250));
            assertThatThrownBy(() -> small.submit(greedy("abc", 250)))
                    .isInstanceOf(EngineException.class)
                    .hasMessage("engine, requests: expected at most 2, found 2")
                    .extracting(e -> ((EngineException) e).kind())
                    .isEqualTo(EngineException.Kind.QUEUE_FULL);
            release.countDown();
            first.generation().cancel();
            second.generation().cancel();
            first.toTheEnd();
            second.toTheEnd();
        }
    }

    @Test
    void closingEndsWhatRunsAndWhatWaits() throws InterruptedException {
        EngineOptions one = new EngineOptions(Optional.empty(), EngineOptions.ActivationMode.AUTO, 0, 1, 8, 10);
        CountDownLatch release = new CountDownLatch(1);
        RunningEngine small = new RunningEngine(model, NATIVE, one);
        Running first = small.submitHeld(greedy("abc", 250), release);
        assertThat(first.next()).isInstanceOf(Token.class);
        Running second = small.submit(greedy("abc", 250));
        Thread closer = Thread.ofPlatform().start(small::close);
        while (closer.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        release.countDown();
        closer.join();
        assertThat(first.toTheEnd().getLast())
                .isEqualTo(new GenerationEvent.Failed(GenerationEvent.Cause.STOPPING, "the server is shutting down"));
        assertThat(second.toTheEnd())
                .containsExactly(
                        new GenerationEvent.Failed(GenerationEvent.Cause.STOPPING, "the server is shutting down"));
    }

    @Test
    void refusesWhatCanNeverBeServed() {
        assertThatThrownBy(() -> running.submit(RunningEngine.greedy(new int[] {500}, 1)))
                .hasMessage("request, prompt token 0: expected an id in 0..499, found 500");
        assertThatThrownBy(() -> running.submit(RunningEngine.greedy(new int[] {-1}, 1)))
                .hasMessage("request, prompt token 0: expected an id in 0..499, found -1");
        assertThatThrownBy(() -> running.submit(RunningEngine.greedy(new int[200], 57)))
                .hasMessage(
                        "request, tokens: expected at most 256 of prompt and max_tokens together, found 200 and 57");
        assertThat(RunningEngine.finished(running.submit(RunningEngine.greedy(new int[200], 56))
                                .toTheEnd())
                        .completionTokens())
                .isEqualTo(56);
    }

    @Test
    void aSinkThatThrowsEndsItsOwnRequestOnly() {
        Running other = running.submit(greedy("abc", 50));
        running.engine().submit(greedy("x", 50), event -> {
            throw new IllegalStateException("client");
        });
        assertThat(RunningEngine.finished(other.toTheEnd()).completionTokens()).isEqualTo(50);
    }

    @Test
    void refusesToStartWithMoreMemoryThanThereIs() {
        EngineOptions cache =
                new EngineOptions(Optional.empty(), EngineOptions.ActivationMode.AUTO, 1L << 60, 16, 32, 100);
        assertThatThrownBy(() -> new RunningEngine(model, NATIVE, cache))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith(
                        "engine options, kvBytes: expected at most the memory that the process may use, ")
                .hasMessageEndingWith(" bytes, found 1152921504606846976");
        EngineOptions step =
                new EngineOptions(Optional.empty(), EngineOptions.ActivationMode.AUTO, 0, 16, Integer.MAX_VALUE, 100);
        assertThatThrownBy(() -> new RunningEngine(model, NATIVE, step))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith(
                        "engine options, memory: expected room for 2147483647 tokens and 16 sequences in a "
                                + "step, and for the KV cache, found ");
    }

    @Test
    void aRequestThatBreaksIsToldSo() {
        BlockingQueue<GenerationEvent> told = new LinkedBlockingQueue<>();
        AtomicBoolean broken = new AtomicBoolean();
        running.engine().submit(greedy("x", 50), event -> {
            if (broken.compareAndSet(false, true)) {
                throw new IllegalStateException("once");
            }
            told.add(event);
        });
        assertThat(new Running(() -> {}, told).toTheEnd())
                .containsExactly(
                        new Failed(GenerationEvent.Cause.STEP, "the engine could not go on with this request"));
    }

    @Test
    void anErrorOnTheStepThreadEndsEveryRequestAndShows() {
        try (RunningEngine dying = new RunningEngine(model, NATIVE, OPTIONS)) {
            Running other = dying.submit(greedy("abc", 150));
            assertThat(other.next()).isInstanceOf(Token.class);
            dying.engine().submit(greedy("x", 50), event -> {
                throw new OutOfMemoryError("of a test");
            });
            String reason = "the step loop broke off, the log says why: restart";
            assertThat(other.toTheEnd()).endsWith(new Failed(GenerationEvent.Cause.DAMAGED, reason));
            assertThat(dying.engine().damage()).contains(reason);
            assertThatThrownBy(() -> dying.submit(greedy("y", 1)))
                    .isInstanceOf(EngineException.class)
                    .hasMessageEndingWith("found " + reason);
        }
    }

    /// How many tokens were cached is not part of an answer.
    static List<GenerationEvent> withoutCached(List<GenerationEvent> events) {
        return events.stream()
                .map(event -> event instanceof Finished end
                        ? new Finished(
                                end.reason(), end.text(), end.promptTokens(), end.completionTokens(), end.stoppedBy())
                        : event)
                .toList();
    }

    private static GenerationRequest greedy(String text, int maxTokens) {
        return RunningEngine.greedy(running.tokenizer().encode(text, true), maxTokens);
    }
}
