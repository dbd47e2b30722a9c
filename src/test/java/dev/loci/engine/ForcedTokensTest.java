package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.EngineOptions.ActivationMode;
import dev.loci.engine.GenerationEvent.Finished;
import dev.loci.engine.GenerationEvent.Reason;
import dev.loci.engine.GenerationEvent.Token;
import dev.loci.engine.GenerationRequest.Client;
import dev.loci.engine.RunningEngine.Running;
import dev.loci.grammar.Grammar;
import dev.loci.grammar.GrammarException;
import dev.loci.grammar.Grammars;
import dev.loci.grammar.RandomSchemas;
import dev.loci.grammar.TokenGrammar;
import dev.loci.kernel.KvType;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import dev.loci.store.HugePages;
import dev.loci.store.ModelDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tokens that a grammar leaves no choice of. They are drawn one by one where scores are asked for, which tells what
/// has
/// to come out where they are not. `-Dtest.seed` draws other requests.
final class ForcedTokensTest {
    private static final long SEED = Long.getLong("test.seed", 4711);
    private static final KernelOptions KERNELS = new KernelOptions(KernelBackend.NATIVE, 2, Optional.empty());
    private static final String NAME = "ultramem-v1";
    private static final int VOCABULARY_FROM = 2;
    private static final int VOCABULARY_TO = 258;
    /// No token of the vocabulary has two of its bytes: each mask but the last has one id.
    private static final String CHAIN = "\u0001\u0002".repeat(16);

    @TempDir
    static Path temporary;

    private static Path model;
    private static RunningEngine running;

    @BeforeAll
    static void open() {
        model = Golden.imported(NAME, Golden.weights(NAME), temporary.resolve(NAME), WeightType.INT8, RowType.INT8);
        running = engine(0, 8, 64, true);
    }

    @AfterAll
    static void close() {
        running.close();
    }

    private static RunningEngine engine(long kvBytes, int sequences, int stepTokens, boolean prefixes) {
        return new RunningEngine(
                model,
                KERNELS,
                new EngineOptions(
                        Optional.of(KvType.F16),
                        ActivationMode.AUTO,
                        kvBytes,
                        sequences,
                        stepTokens,
                        Optional.empty(),
                        1000,
                        1 << 20,
                        prefixes));
    }

    /// Every parameter that has a say in what forced tokens do.
    @SuppressWarnings("ArrayRecordComponent") // as a request has it; nobody compares them
    private record Asked(
            int[] prompt,
            int maxTokens,
            int minTokens,
            Sampling sampling,
            List<String> stop,
            List<Integer> stopTokens,
            boolean ignoreEos,
            Function<Grammars, TokenGrammar> grammar) {
        static Asked of(String pattern, int maxTokens) {
            return new Asked(
                    new int[] {20, 30, 40},
                    maxTokens,
                    0,
                    new Sampling(1, 1, 0, 0, 7),
                    List.of(),
                    List.of(),
                    false,
                    grammars -> grammars.regex(pattern));
        }

        Asked stopping(List<String> strings, List<Integer> ids) {
            return new Asked(prompt, maxTokens, minTokens, sampling, strings, ids, ignoreEos, grammar);
        }

        /// With the masks that the engine remembers.
        GenerationRequest forced(RunningEngine engine) {
            return request(engine, OptionalInt.empty());
        }

        GenerationRequest drawn(RunningEngine engine) {
            return request(engine, OptionalInt.of(0));
        }

        private GenerationRequest request(RunningEngine engine, OptionalInt scores) {
            return new GenerationRequest(
                    prompt,
                    maxTokens,
                    minTokens,
                    sampling,
                    stop,
                    stopTokens,
                    ignoreEos,
                    scores,
                    OptionalInt.empty(),
                    false,
                    Client.ANYONE,
                    Optional.of(grammar.apply(engine.engine().grammars().orElseThrow())));
        }
    }

    /// Without scores, and without what depends on the prefix cache.
    private static List<GenerationEvent> bare(List<GenerationEvent> events) {
        return EngineTest.withoutCached(events).stream()
                .map(event ->
                        event instanceof Token token ? new Token(token.id(), token.text(), Optional.empty()) : event)
                .toList();
    }

    private static List<GenerationEvent> run(GenerationRequest request) {
        return bare(running.submit(request).toTheEnd());
    }

    /// Once the last step has been counted.
    private static EngineStats settled() {
        EngineStats stats = running.engine().stats();
        while (stats.running() > 0) {
            Thread.onSpinWait();
            stats = running.engine().stats();
        }
        return stats;
    }

    private static Finished compare(Asked asked) {
        List<GenerationEvent> drawn = run(asked.drawn(running));
        EngineStats before = settled();
        assertThat(run(asked.forced(running))).isEqualTo(drawn);
        assertThat(settled().forcedTokens()).as("forced tokens").isGreaterThan(before.forcedTokens());
        return RunningEngine.finished(drawn);
    }

    @Test
    void aChainCostsOneStep() {
        Asked asked = Asked.of(CHAIN + "(yes|no)", 100);
        long never = settled().forcedTokens();
        List<GenerationEvent> drawn = run(asked.drawn(running));
        EngineStats before = settled();
        assertThat(before.forcedTokens()).isEqualTo(never);
        running.engine().maskThreads(Runnable::run); // a chain that is late would cost two
        try {
            assertThat(run(asked.forced(running))).isEqualTo(drawn);
        } finally {
            running.engine().maskThreads(Thread::startVirtualThread);
        }
        EngineStats after = settled();
        int tokens = RunningEngine.finished(drawn).completionTokens();
        int forced = Math.toIntExact(after.forcedTokens() - before.forcedTokens());
        assertThat(forced).isBetween(CHAIN.length(), tokens - 1);
        assertThat(after.generated() - before.generated()).isEqualTo(tokens);
        // one for the prompt, one for the chain, one for each token that is drawn but the last
        assertThat(after.steps() - before.steps()).isLessThanOrEqualTo(2 + tokens - forced);
        assertThat(after.tokens() - before.tokens()).isLessThanOrEqualTo(asked.prompt().length + tokens - 1);
    }

    @Test
    void aChainLongerThanIsFollowedAhead() {
        String text = CHAIN.repeat(6);
        Finished end = compare(Asked.of(text, 250));
        assertThat(end.completionTokens()).isEqualTo(text.length());
        assertThat(end.reason()).isEqualTo(Reason.STOP);
    }

    @Test
    void endsInsideAChainAtTheLastTokenThatIsAskedFor() {
        for (int tokens = 1; tokens <= 5; tokens++) {
            Finished end = compare(Asked.of(CHAIN + "[a-z]{9}", tokens));
            assertThat(end.completionTokens()).isEqualTo(tokens);
            assertThat(end.reason()).isEqualTo(Reason.LENGTH);
        }
    }

    @Test
    void endsInsideAChainAtAStopString() {
        Asked asked = Asked.of("[a-z]{3}" + CHAIN, 100);
        Finished end = compare(asked.stopping(List.of("\u0002\u0001\u0002"), List.of()));
        assertThat(end.completionTokens()).isEqualTo(3 + 4);
        assertThat(end.stoppedBy()).contains("\u0002\u0001\u0002");
    }

    @Test
    void endsInsideAChainAtAStopToken() {
        Asked asked = Asked.of(CHAIN, 100);
        int second = ((Token) run(asked.drawn(running)).get(1)).id();
        Finished end = compare(asked.stopping(List.of(), List.of(second)));
        assertThat(end.completionTokens()).isEqualTo(2);
        assertThat(end.reason()).isEqualTo(Reason.STOP);
    }

    @Test
    void aClientThatLeavesOrReadsNothingInsideAChainIsToldNoMore() {
        GenerationRequest request = Asked.of(CHAIN, 100).forced(running);
        List<GenerationEvent> expected = run(request);
        for (boolean leaves : new boolean[] {true, false}) {
            CountDownLatch release = new CountDownLatch(1);
            Running held = running.submitHeld(request, release);
            List<GenerationEvent> events = new ArrayList<>(List.of(held.next()));
            if (leaves) {
                held.generation().cancel();
                release.countDown();
                assertThat(((Finished) held.toTheEnd().getLast()).completionTokens())
                        .isEqualTo(1);
            } else {
                held.generation().pause();
                release.countDown();
                run(Asked.of("[a-z]", 1).forced(running));
                held.events().drainTo(events);
                assertThat(events).hasSize(1);
                held.generation().resume();
                events.addAll(held.toTheEnd());
                assertThat(bare(events)).isEqualTo(expected);
            }
        }
    }

    @Test
    void aClientThatStopsReadingWhileAChainIsFoundGetsItLater() {
        try (RunningEngine engine = engine(0, 8, 64, true)) {
            LinkedBlockingQueue<Runnable> withheld = new LinkedBlockingQueue<>();
            CompletableFuture<Generation> generation = new CompletableFuture<>();
            CompletableFuture<Void> stepped = new CompletableFuture<>();
            engine.engine().maskThreads(withheld::add);
            engine.engine().observe(new EngineObserver() {
                @Override
                public void stepBegan() {
                    if (!stepped.isDone()) {
                        take(withheld).run();
                        generation.join().pause();
                    }
                }

                @Override
                public void stepEnded(Step step) {
                    stepped.complete(null);
                }
            });
            Asked asked = Asked.of(CHAIN + "[a-z]{9}", 100);
            Running paused = engine.submit(asked.forced(engine));
            generation.complete(paused.generation());
            stepped.join();
            assertThat(paused.events()).isEmpty();
            Thread masks = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        withheld.take().run();
                    }
                } catch (InterruptedException e) {
                    // the test is over
                }
            });
            paused.generation().resume();
            List<GenerationEvent> events = bare(paused.toTheEnd());
            masks.interrupt();
            assertThat(events).isEqualTo(run(asked.drawn(running)));
        }
    }

    private static <T> T take(BlockingQueue<T> queue) {
        try {
            return queue.take();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    @Test
    void nobodyWaitsForAStepWhereNoneIsNeeded() {
        CountDownLatch release = new CountDownLatch(1);
        Running first = running.submitHeld(Asked.of("[a-z]", 1).forced(running), release);
        GenerationRequest nothing = RunningEngine.greedy(new int[] {5}, 0);
        List<Running> many =
                IntStream.range(0, 40).mapToObj(_ -> running.submit(nothing)).toList();
        release.countDown();
        first.toTheEnd();
        for (Running each : many) {
            assertThat(RunningEngine.finished(each.toTheEnd()).completionTokens())
                    .isZero();
        }
    }

    @Test
    void answersAreTheSameWhateverElseRunsAndWhateverIsGivenUp() {
        Random random = new Random(SEED);
        RandomSchemas schemas = new RandomSchemas(random);
        int[] common = ids(random, 60);
        List<Asked> asked = new ArrayList<>();
        List<List<GenerationEvent>> expected = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            Asked next = random(random, common, schemas);
            asked.add(next);
            expected.add(run(next.drawn(running)));
        }
        long pageBytes = pageBytes();
        // 20 pages of 16 tokens: one request may need 16 of them.
        for (long kvBytes : new long[] {0, 20 * pageBytes}) {
            for (boolean prefixes : new boolean[] {true, false}) {
                for (int stepTokens : new int[] {8, 13, 64}) {
                    try (RunningEngine crowd = engine(kvBytes, 8, stepTokens, prefixes)) {
                        for (String cache : prefixes ? List.of("cold", "warm") : List.of("none")) {
                            List<Running> together = asked.stream()
                                    .map(each -> crowd.submit(each.forced(crowd)))
                                    .toList();
                            for (int i = 0; i < together.size(); i++) {
                                assertThat(bare(together.get(i).toTheEnd()))
                                        .as("seed " + SEED + ", request " + i + ", steps of " + stepTokens + ", cache "
                                                + cache + ", bytes " + kvBytes)
                                        .isEqualTo(expected.get(i));
                            }
                        }
                        EngineStats stats = crowd.engine().stats();
                        assertThat(stats.forcedTokens()).isGreaterThan(stats.generated() / 10);
                        assertThat(stats.preemptions() > 0).isEqualTo(kvBytes > 0);
                    }
                }
            }
        }
    }

    private static long pageBytes() {
        try (ModelDirectory directory =
                ModelDirectory.open(model, KernelSelector.mappedMemory(KERNELS), HugePages.OFF)) {
            return KvCache.pageBytes(directory.config(), KvType.F16);
        }
    }

    private static int[] ids(Random random, int count) {
        return random.ints(count, VOCABULARY_FROM, VOCABULARY_TO).toArray();
    }

    private static Asked random(Random random, int[] common, RandomSchemas schemas) {
        int shared = random.nextBoolean() ? random.nextInt(common.length + 1) : 0;
        int[] own = ids(random, 1 + random.nextInt(40));
        int[] prompt = IntStream.concat(IntStream.of(common).limit(shared), IntStream.of(own))
                .toArray();
        int maxTokens = 1 + random.nextInt(120);
        boolean penalties = random.nextInt(3) == 0;
        Sampling sampling = new Sampling(
                random.nextInt(4) == 0 ? 0 : 2 * random.nextDouble(),
                1,
                0,
                0,
                penalties ? 0.8 + random.nextDouble() : 1,
                penalties ? 4 * random.nextDouble() - 2 : 0,
                penalties ? 4 * random.nextDouble() - 2 : 0,
                Map.of(),
                random.nextLong());
        return new Asked(
                prompt,
                maxTokens,
                random.nextInt(3) == 0 ? random.nextInt(maxTokens + 1) : 0,
                sampling,
                random.nextInt(3) == 0
                        ? List.of(List.of("e", "\"p", "\":", "1", "l").get(random.nextInt(5)))
                        : List.of(),
                random.nextInt(5) == 0 ? List.of(ids(random, 1)[0]) : List.of(),
                random.nextInt(4) == 0,
                grammar(random, schemas));
    }

    private static Function<Grammars, TokenGrammar> grammar(Random random, RandomSchemas schemas) {
        if (random.nextInt(4) == 0) {
            return grammars -> grammars.regex("(fixed|" + CHAIN + "){2}[a-z]{4} (left|right)");
        }
        while (true) {
            try {
                String schema = schemas.schema(2);
                Grammar.jsonSchema(schema);
                return grammars -> grammars.jsonSchema(schema);
            } catch (GrammarException e) {
                // it has no value: the next one
            }
        }
    }
}
