package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.engine.EngineOptions.ActivationMode;
import dev.loci.engine.GenerationEvent.Cause;
import dev.loci.engine.GenerationEvent.Failed;
import dev.loci.engine.GenerationEvent.Finished;
import dev.loci.engine.GenerationEvent.Reason;
import dev.loci.engine.GenerationEvent.Token;
import dev.loci.engine.GenerationRequest.Client;
import dev.loci.engine.RunningEngine.Running;
import dev.loci.kernel.Activations;
import dev.loci.kernel.KvType;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.kernel.select.Isa;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import dev.loci.store.HugePages;
import dev.loci.store.ModelConfig;
import dev.loci.store.ModelDirectory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SchedulingTest {
    private static final KernelOptions NATIVE = new KernelOptions(KernelBackend.NATIVE, 2, Optional.empty());
    private static final String NAME = "ultramem-v1";
    private static final int VOCABULARY_FROM = 2;
    private static final int VOCABULARY_TO = 258;

    @TempDir
    static Path temporary;

    private static Path model;

    @BeforeAll
    static void importModel() {
        model = Golden.imported(NAME, Golden.weights(NAME), temporary.resolve(NAME), WeightType.INT8, RowType.INT8);
    }

    @Test
    void answersStayTheSameWithFewPagesPreemptionsAndAPrefixCache() {
        long seed = Long.getLong("test.seed", 4711);
        Random random = new Random(seed);
        int[] common = random.ints(60, VOCABULARY_FROM, VOCABULARY_TO).toArray();
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            requests.add(randomRequest(random, common, i));
        }
        List<List<GenerationEvent>> expected = new ArrayList<>();
        try (RunningEngine alone = engine(options(0, 1, 256, false))) {
            requests.forEach(request ->
                    expected.add(EngineTest.withoutCached(alone.submit(request).toTheEnd())));
        }
        // 20 pages of 16 tokens: one request may need 16 of them.
        long pageBytes = KvCache.pageBytes(config(), KvType.F16);
        for (boolean prefixes : new boolean[] {true, false}) {
            for (int stepTokens : new int[] {8, 13, 64}) {
                try (RunningEngine crowded = engine(options(20 * pageBytes, 8, stepTokens, prefixes))) {
                    List<Running> together =
                            requests.stream().map(crowded::submit).toList();
                    for (int i = 0; i < requests.size(); i++) {
                        assertThat(EngineTest.withoutCached(together.get(i).toTheEnd()))
                                .as("seed " + seed + ", request " + i + ", steps of " + stepTokens)
                                .isEqualTo(expected.get(i));
                    }
                    assertThat(crowded.engine().drain(Duration.ofSeconds(60))).isTrue();
                    EngineStats stats = crowded.engine().stats();
                    assertThat(stats.freePages() + stats.cachedPages()).isEqualTo(20);
                    assertThat(stats.running() + stats.waiting()).isZero();
                    assertThat(stats.preemptions()).isPositive();
                    assertThat(stats.cachedTokens() > 0).isEqualTo(prefixes);
                }
            }
        }
    }

    @Test
    void samplesOfOnePromptShareItsPages() {
        try (RunningEngine engine = engine(options(0, 8, 64, true))) {
            int[] prompt =
                    new Random(5).ints(90, VOCABULARY_FROM, VOCABULARY_TO).toArray();
            List<Running> samples = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int tokens = i == 0 ? 150 : 8; // the first still runs when the last comes
                samples.add(engine.submit(request(prompt, tokens, new Sampling(1, 1, 0, 0, i), Client.ANYONE)));
            }
            List<Integer> cached = new ArrayList<>();
            for (Running sample : samples) {
                cached.add(RunningEngine.finished(sample.toTheEnd()).cachedTokens());
            }
            assertThat(cached).containsExactly(0, 89, 89, 89);
        }
    }

    @Test
    void aLaterPromptFindsWhatAnEarlierOneBeganWith() {
        try (RunningEngine engine = engine(options(0, 8, 64, true))) {
            int[] prompt =
                    new Random(6).ints(70, VOCABULARY_FROM, VOCABULARY_TO).toArray();
            engine.submit(request(prompt, 4, Sampling.GREEDY, Client.ANYONE)).toTheEnd();
            Finished again =
                    RunningEngine.finished(engine.submit(request(prompt.clone(), 4, Sampling.GREEDY, Client.ANYONE))
                            .toTheEnd());
            assertThat(again.cachedTokens()).isEqualTo(64);
        }
    }

    @Test
    void pagesOutsideServeTheNextEngineWithTheSameBits() {
        Map<String, byte[]> pages = new ConcurrentHashMap<>();
        int[] prompt = new Random(8).ints(100, VOCABULARY_FROM, VOCABULARY_TO).toArray();
        GenerationRequest request = request(prompt, 20, new Sampling(1, 0.9, 0, 0, 3), Client.ANYONE);
        List<GenerationEvent> first;
        try (RunningEngine engine =
                new RunningEngine(model, NATIVE, options(0, 4, 32, true), Optional.of(new MapStore(pages)))) {
            first = engine.submit(request).toTheEnd();
            assertThat(RunningEngine.finished(first).cachedTokens()).isZero();
            while (pages.size() < 6) {
                Thread.onSpinWait();
            }
        }
        try (RunningEngine engine =
                new RunningEngine(model, NATIVE, options(0, 4, 32, true), Optional.of(new MapStore(pages)))) {
            List<GenerationEvent> again = engine.submit(request).toTheEnd();
            assertThat(RunningEngine.finished(again).cachedTokens()).isEqualTo(96);
            assertThat(EngineTest.withoutCached(again)).isEqualTo(EngineTest.withoutCached(first));
        }
    }

    @Test
    void pagesOfOtherActivationsOrKernelsOrTypesAreNotFound() {
        Map<String, byte[]> pages = new ConcurrentHashMap<>();
        int[] prompt = new Random(9).ints(100, VOCABULARY_FROM, VOCABULARY_TO).toArray();
        KernelOptions generic = new KernelOptions(KernelBackend.NATIVE, 2, Optional.of(Isa.GENERIC));
        assertThat(cachedTokens(pages, prompt, NATIVE, ActivationMode.AUTO, KvType.F16))
                .isZero();
        assertThat(cachedTokens(pages, prompt, NATIVE, ActivationMode.F32, KvType.F16))
                .isZero();
        assertThat(cachedTokens(pages, prompt, generic, ActivationMode.AUTO, KvType.F16))
                .isZero();
        assertThat(cachedTokens(pages, prompt, NATIVE, ActivationMode.AUTO, KvType.BF16))
                .isZero();
        assertThat(pages).hasSize(4 * 6);
        for (ActivationMode mode : ActivationMode.values()) {
            assertThat(cachedTokens(pages, prompt, NATIVE, mode, KvType.F16)).isEqualTo(96);
        }
        assertThat(pages).hasSize(4 * 6);
    }

    /// Waits until the prompt's pages are in the store.
    private static int cachedTokens(
            Map<String, byte[]> pages, int[] prompt, KernelOptions kernels, ActivationMode mode, KvType type) {
        EngineOptions options =
                new EngineOptions(Optional.of(type), mode, 0, 4, 32, Optional.empty(), 100, 1 << 20, true);
        int before = pages.size();
        try (RunningEngine engine = new RunningEngine(model, kernels, options, Optional.of(new MapStore(pages)))) {
            int cached = RunningEngine.finished(engine.submit(request(prompt, 2, Sampling.GREEDY, Client.ANYONE))
                            .toTheEnd())
                    .cachedTokens();
            while (cached == 0 && pages.size() < before + 6) {
                Thread.onSpinWait();
            }
            return cached;
        }
    }

    @Test
    void theOriginOfPagesNamesAllThatTheirBitsDependOn() {
        assertThat(StoredPrefixes.origin("d1", KvType.F16, WeightType.INT8, Activations.INT8, "native/avx512"))
                .isEqualTo("arithmetic 1, model d1, cache F16, weights INT8, activations INT8, kernels native/avx512");
    }

    /// A store in memory.
    private record MapStore(Map<String, byte[]> pages) implements PrefixStore {
        @Override
        public boolean read(byte[] id, MemorySegment page) {
            byte[] kept = pages.get(HexFormat.of().formatHex(id));
            if (kept != null) {
                page.copyFrom(MemorySegment.ofArray(kept));
            }
            return kept != null;
        }

        @Override
        public void write(byte[] id, MemorySegment page) {
            pages.put(HexFormat.of().formatHex(id), page.toArray(ValueLayout.JAVA_BYTE));
        }

        @Override
        public void close() {}
    }

    @Test
    void aStoreThatThrowsLosesNoRequest() {
        PrefixStore broken = new PrefixStore() {
            @Override
            public boolean read(byte[] id, MemorySegment page) {
                throw new OutOfMemoryError("expected: thrown by the test");
            }

            @Override
            public void write(byte[] id, MemorySegment page) {
                throw new IllegalStateException("expected: thrown by the test");
            }

            @Override
            public void close() {}
        };
        try (RunningEngine engine = new RunningEngine(model, NATIVE, options(0, 4, 64, true), Optional.of(broken))) {
            for (int seed = 1; seed <= 2; seed++) {
                int[] prompt = new Random(seed)
                        .ints(40, VOCABULARY_FROM, VOCABULARY_TO)
                        .toArray();
                List<GenerationEvent> events = engine.submit(request(prompt, 5, Sampling.GREEDY, Client.ANYONE))
                        .toTheEnd();
                assertThat(RunningEngine.finished(events).reason()).isEqualTo(Reason.LENGTH);
            }
            assertThat(engine.engine().drain(Duration.ofSeconds(60))).isTrue();
        }
    }

    @Test
    void samplesOfOnePromptBringItsPagesOnce() {
        Map<String, byte[]> pages = new ConcurrentHashMap<>();
        int[] prompt = new Random(8).ints(100, VOCABULARY_FROM, VOCABULARY_TO).toArray();
        cachedTokens(pages, prompt, NATIVE, ActivationMode.AUTO, KvType.F16);
        AtomicInteger reads = new AtomicInteger();
        MapStore kept = new MapStore(pages);
        PrefixStore counting = new PrefixStore() {
            @Override
            public boolean read(byte[] id, MemorySegment page) {
                reads.incrementAndGet();
                return kept.read(id, page);
            }

            @Override
            public void write(byte[] id, MemorySegment page) {}

            @Override
            public void close() {}
        };
        try (RunningEngine engine = new RunningEngine(model, NATIVE, options(0, 4, 32, true), Optional.of(counting))) {
            CountDownLatch release = new CountDownLatch(1);
            Running holding = engine.submitHeld(request(new int[] {5, 6}, 2, Sampling.GREEDY, Client.ANYONE), release);
            holding.next();
            List<Running> samples = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                samples.add(engine.submit(request(prompt, 8, new Sampling(1, 1, 0, 0, i), Client.ANYONE)));
            }
            release.countDown();
            for (Running sample : samples) {
                assertThat(RunningEngine.finished(sample.toTheEnd()).cachedTokens())
                        .isGreaterThanOrEqualTo(96);
            }
            assertThat(reads).hasValue(6);
        }
    }

    @Test
    void theLowerPriorityGoesFirst() {
        ConcurrentLinkedQueue<String> order = new ConcurrentLinkedQueue<>();
        CountDownLatch release = new CountDownLatch(1);
        try (RunningEngine engine = engine(options(0, 1, 64, true))) {
            Running holding = engine.submitHeld(request(new int[] {5, 6}, 2, Sampling.GREEDY, Client.ANYONE), release);
            holding.next();
            for (String priority : List.of("2", "0", "1", "0")) {
                Client client = new Client("k", Integer.parseInt(priority), Optional.empty());
                engine.engine().submit(request(new int[] {7, 8}, 1, Sampling.GREEDY, client), event -> {
                    if (event instanceof Finished) {
                        order.add(priority);
                    }
                });
            }
            release.countDown();
            assertThat(engine.engine().drain(Duration.ofSeconds(60))).isTrue();
        }
        assertThat(order).containsExactly("0", "0", "1", "2");
    }

    @ParameterizedTest
    @CsvSource({"4, 0", "4, -1000", "1, 0", "1, -1000"})
    void aKeyThatAsksForMuchDoesNotStarveAnother(int rows, int priority) {
        ConcurrentLinkedQueue<String> order = new ConcurrentLinkedQueue<>();
        CountDownLatch release = new CountDownLatch(1);
        try (RunningEngine engine = engine(options(0, rows, 64, true))) {
            Client heavy = new Client("heavy", priority, Optional.empty());
            Client light = new Client("light", 0, Optional.empty());
            int[] longPrompt =
                    new Random(1).ints(100, VOCABULARY_FROM, VOCABULARY_TO).toArray();
            Running holding = engine.submitHeld(request(new int[] {5, 6}, 2, Sampling.GREEDY, heavy), release);
            holding.next();
            for (int i = 0; i < 30; i++) {
                engine.engine().submit(request(longPrompt.clone(), 60, Sampling.GREEDY, heavy), event -> {
                    if (event instanceof Finished) {
                        order.add("heavy");
                    }
                });
            }
            engine.engine().submit(request(new int[] {9, 9, 9}, 20, Sampling.GREEDY, light), event -> {
                if (event instanceof Finished) {
                    order.add("light");
                }
            });
            release.countDown();
            assertThat(engine.engine().drain(Duration.ofSeconds(60))).isTrue();
        }
        assertThat(new ArrayList<>(order).indexOf("light")).isBetween(0, rows);
    }

    /// Nine pages, of which the three heavy sequences need six each in the end, and the light one three.
    @ParameterizedTest
    @ValueSource(ints = {0, Integer.MIN_VALUE})
    void aKeyThatAsksForMuchTakesNoPagesFromAnother(int priority) {
        long pageBytes = KvCache.pageBytes(config(), KvType.F16);
        CountDownLatch release = new CountDownLatch(1);
        try (RunningEngine engine = engine(options(9 * pageBytes, 4, 64, false))) {
            Client heavy = new Client("heavy", priority, Optional.empty());
            Running first = engine.submitHeld(request(new int[] {5, 6}, 80, Sampling.GREEDY, heavy), release);
            first.next();
            Running second = engine.submit(request(new int[] {7, 6}, 80, Sampling.GREEDY, heavy));
            Running third = engine.submit(request(new int[] {8, 6}, 80, Sampling.GREEDY, heavy));
            Running light = engine.submit(
                    request(new int[] {9, 9}, 40, Sampling.GREEDY, new Client("light", 0, Optional.empty())));
            release.countDown();
            for (Running each : List.of(first, second, third, light)) {
                assertThat(RunningEngine.finished(each.toTheEnd()).reason()).isEqualTo(Reason.LENGTH);
            }
            assertThat(engine.engine().stats().preemptions()).isPositive();
            assertThat(light.generation().progress().orElseThrow().preemptions())
                    .isZero();
        }
    }

    /// Seven pages, of which each of the two needs five in the end.
    @Test
    void noPriorityTakesPagesFromAnotherKey() {
        long pageBytes = KvCache.pageBytes(config(), KvType.F16);
        CountDownLatch release = new CountDownLatch(1);
        try (RunningEngine engine = engine(options(7 * pageBytes, 4, 64, false))) {
            Client first = new Client("first", 0, Optional.empty());
            Client urgent = new Client("urgent", Integer.MIN_VALUE, Optional.empty());
            Running running = engine.submitHeld(request(new int[] {5, 6}, 70, Sampling.GREEDY, first), release);
            running.next();
            Running later = engine.submit(request(new int[] {7, 6}, 70, Sampling.GREEDY, urgent));
            release.countDown();
            for (Running each : List.of(running, later)) {
                assertThat(RunningEngine.finished(each.toTheEnd()).reason()).isEqualTo(Reason.LENGTH);
            }
            assertThat(running.generation().progress().orElseThrow().preemptions())
                    .isZero();
            assertThat(later.generation().progress().orElseThrow().preemptions())
                    .isPositive();
        }
    }

    /// Ten of twelve pages for the light prompt, while each end of a heavy request frees two or three.
    @ParameterizedTest
    @ValueSource(ints = {8, 32})
    void pagesThatComeFreeAreForTheOneWhoseTurnItIs(int rows) {
        long pageBytes = KvCache.pageBytes(config(), KvType.F16);
        ConcurrentLinkedQueue<String> order = new ConcurrentLinkedQueue<>();
        CountDownLatch release = new CountDownLatch(1);
        Random random = new Random(1);
        try (RunningEngine engine = engine(options(12 * pageBytes, rows, 64, true))) {
            Client heavy = new Client("heavy", 0, Optional.empty());
            Running holding = engine.submitHeld(request(prompt(random, 20), 30, Sampling.GREEDY, heavy), release);
            holding.next();
            for (int i = 0; i < 60; i++) {
                engine.engine().submit(request(prompt(random, 20), 10 + i % 20, Sampling.GREEDY, heavy), event -> {
                    if (event instanceof Finished) {
                        order.add("heavy");
                    }
                });
            }
            Client light = new Client("light", 0, Optional.empty());
            engine.engine().submit(request(prompt(random, 150), 5, Sampling.GREEDY, light), event -> {
                if (event instanceof Finished) {
                    order.add("light");
                }
            });
            release.countDown();
            assertThat(engine.engine().drain(Duration.ofSeconds(60))).isTrue();
        }
        assertThat(new ArrayList<>(order).indexOf("light")).isBetween(0, 12);
    }

    /// Two pages each are all that they ever need, and there are twelve.
    @Test
    void whoStartsHasThePagesOfItsPrompt() {
        long pageBytes = KvCache.pageBytes(config(), KvType.F16);
        Random random = new Random(2);
        try (RunningEngine engine = engine(options(12 * pageBytes, 32, 64, true))) {
            List<Running> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                all.add(engine.submit(request(prompt(random, 20), 10, Sampling.GREEDY, Client.ANYONE)));
            }
            all.forEach(each -> RunningEngine.finished(each.toTheEnd()));
            assertThat(engine.engine().stats().preemptions()).isZero();
        }
    }

    /// The prompt is read in four steps; the small request finds room in the last of them, the twin forks after it.
    @Test
    void aTwinThatWaitsHoldsUpNothingElseOfItsKey() {
        ConcurrentLinkedQueue<String> order = new ConcurrentLinkedQueue<>();
        CountDownLatch release = new CountDownLatch(1);
        Random random = new Random(3);
        try (RunningEngine engine = engine(options(0, 8, 64, true))) {
            Running holding = engine.submitHeld(request(prompt(random, 2), 2, Sampling.GREEDY, Client.ANYONE), release);
            holding.next();
            int[] shared = prompt(random, 200);
            for (String name : List.of("first", "twin")) {
                engine.engine().submit(request(shared, 1, Sampling.GREEDY, Client.ANYONE), event -> {
                    if (event instanceof Finished) {
                        order.add(name);
                    }
                });
            }
            engine.engine().submit(request(prompt(random, 2), 1, Sampling.GREEDY, Client.ANYONE), event -> {
                if (event instanceof Finished) {
                    order.add("small");
                }
            });
            release.countDown();
            assertThat(engine.engine().drain(Duration.ofSeconds(60))).isTrue();
        }
        assertThat(order).last().isEqualTo("twin");
    }

    private static int[] prompt(Random random, int tokens) {
        return random.ints(tokens, VOCABULARY_FROM, VOCABULARY_TO).toArray();
    }

    @Test
    void aFullServerStillLetsInAKeyBelowItsShare() {
        CountDownLatch release = new CountDownLatch(1);
        EngineOptions options =
                new EngineOptions(Optional.empty(), ActivationMode.AUTO, 0, 1, 8, Optional.empty(), 3, 1 << 20, true);
        try (RunningEngine engine = engine(options)) {
            Client heavy = new Client("heavy", 0, Optional.empty());
            Running holding = engine.submitHeld(request(new int[] {5, 6}, 2, Sampling.GREEDY, heavy), release);
            holding.next();
            for (int i = 0; i < 3; i++) {
                engine.submit(request(new int[] {5}, 1, Sampling.GREEDY, heavy));
            }
            assertThatThrownBy(() -> engine.submit(request(new int[] {5}, 1, Sampling.GREEDY, heavy)))
                    .hasMessage("engine, requests: expected at most 4, found 4");
            Running let =
                    engine.submit(request(new int[] {5}, 1, Sampling.GREEDY, new Client("light", 0, Optional.empty())));
            release.countDown();
            assertThat(RunningEngine.finished(let.toTheEnd()).reason()).isEqualTo(Reason.LENGTH);
        }
    }

    @Test
    void theLargestQueueTakesRequests() {
        EngineOptions options = new EngineOptions(
                Optional.empty(), ActivationMode.AUTO, 0, 4, 8, Optional.empty(), Integer.MAX_VALUE, 1 << 20, true);
        try (RunningEngine engine = engine(options)) {
            Running running = engine.submit(request(new int[] {5}, 1, Sampling.GREEDY, Client.ANYONE));
            assertThat(RunningEngine.finished(running.toTheEnd()).reason()).isEqualTo(Reason.LENGTH);
        }
    }

    @Test
    void promptTokensThatWaitAreBounded() {
        CountDownLatch release = new CountDownLatch(1);
        EngineOptions options =
                new EngineOptions(Optional.empty(), ActivationMode.AUTO, 0, 1, 8, Optional.empty(), 100, 50, true);
        try (RunningEngine engine = engine(options)) {
            Running holding = engine.submitHeld(request(new int[] {5, 6}, 2, Sampling.GREEDY, Client.ANYONE), release);
            holding.next();
            engine.submit(request(new int[40], 1, Sampling.GREEDY, Client.ANYONE));
            assertThatThrownBy(() -> engine.submit(request(new int[11], 1, Sampling.GREEDY, Client.ANYONE)))
                    .hasMessage("engine, prompt tokens that wait: expected at most 50, found 40 and 11 more");
            release.countDown();
        }
    }

    @Test
    void aRequestThatTakesTooLongFails() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (RunningEngine engine = engine(options(0, 1, 64, true));
                ScheduledExecutorService later = Executors.newSingleThreadScheduledExecutor()) {
            Duration limit = Duration.ofMillis(20);
            Running running = engine.submitHeld(
                    request(new int[] {5, 6}, 200, Sampling.GREEDY, new Client("", 0, Optional.of(limit))), release);
            assertThat(running.next()).isInstanceOf(Token.class);
            later.schedule(release::countDown, 2 * limit.toMillis(), TimeUnit.MILLISECONDS)
                    .get();
            assertThat(running.toTheEnd().getLast())
                    .isEqualTo(new Failed(Cause.TIMEOUT, "request, time: expected at most PT0.02S, found more"));
        }
    }

    /// One is cancelled, one has no time left, one only scores.
    @ParameterizedTest
    @CsvSource({"150, false", "150, true", "0, false"})
    void whoeverCannotHandEventsOnEndsNobodyElsesGeneration(int maxTokens, boolean late) {
        CountDownLatch release = new CountDownLatch(1);
        try (RunningEngine engine = engine(options(0, 4, 64, true))) {
            Running other = engine.submitHeld(request(new int[] {5, 6}, 60, Sampling.GREEDY, Client.ANYONE), release);
            other.next();
            Client client = new Client("", 0, late ? Optional.of(Duration.ZERO) : Optional.empty());
            Generation deaf = engine.engine()
                    .submit(request(new int[] {7, 8}, maxTokens, Sampling.GREEDY, client), event -> {}, () -> {
                        throw new RejectedExecutionException("expected: the event loop has ended");
                    });
            if (maxTokens > 0 && !late) {
                deaf.cancel();
            }
            release.countDown();
            assertThat(RunningEngine.finished(other.toTheEnd()).reason()).isEqualTo(Reason.LENGTH);
            assertThat(engine.engine().drain(Duration.ofSeconds(60))).isTrue();
            assertThat(engine.engine().damage()).isEmpty();
        }
    }

    @Test
    void drainingTakesNothingInAndWaitsForWhatRuns() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        try (RunningEngine engine = engine(options(0, 2, 64, true))) {
            Running running = engine.submitHeld(request(new int[] {5, 6}, 30, Sampling.GREEDY, Client.ANYONE), release);
            running.next();
            assertThat(engine.engine().drain(Duration.ofMillis(1))).isFalse();
            assertThatThrownBy(() -> engine.submit(request(new int[] {5}, 1, Sampling.GREEDY, Client.ANYONE)))
                    .isInstanceOf(EngineException.class)
                    .hasMessage("engine, state: expected running, found shutting down");
            release.countDown();
            assertThat(engine.engine().drain(Duration.ofSeconds(60))).isTrue();
            assertThat(RunningEngine.finished(running.toTheEnd()).completionTokens())
                    .isEqualTo(30);
        }
    }

    @Test
    void noStopTokenIsDrawnBeforeTheMinimum() {
        try (RunningEngine engine = engine(options(0, 2, 64, true))) {
            GenerationRequest free = request(new int[] {5, 6}, 6, Sampling.GREEDY, Client.ANYONE);
            List<Integer> drawn = new ArrayList<>();
            for (GenerationEvent event : engine.submit(free).toTheEnd()) {
                if (event instanceof Token token) {
                    drawn.add(token.id());
                }
            }
            GenerationRequest bounded = new GenerationRequest(
                    new int[] {5, 6},
                    6,
                    4,
                    Sampling.GREEDY,
                    List.of(),
                    List.of(drawn.getFirst()),
                    true,
                    OptionalInt.empty(),
                    OptionalInt.empty(),
                    Client.ANYONE);
            List<GenerationEvent> events = engine.submit(bounded).toTheEnd();
            for (int i = 0; i < 4; i++) {
                assertThat(((Token) events.get(i)).id()).isNotEqualTo(drawn.getFirst());
            }
        }
    }

    private static GenerationRequest randomRequest(Random random, int[] common, int number) {
        int shared = random.nextInt(common.length + 1);
        int[] own = random.ints(1 + random.nextInt(60), VOCABULARY_FROM, VOCABULARY_TO)
                .toArray();
        int[] prompt = new int[shared + own.length];
        System.arraycopy(common, 0, prompt, 0, shared);
        System.arraycopy(own, 0, prompt, shared, own.length);
        Sampling sampling = number % 3 == 0
                ? Sampling.GREEDY
                : new Sampling(0.9, 0.9, number % 2 * 50, 0, 1.1, 0.5, 0.2, Map.of(40, 2.0), number);
        boolean scored = number % 5 == 0;
        return new GenerationRequest(
                prompt,
                1 + random.nextInt(90),
                0,
                sampling,
                number % 4 == 0 ? List.of("ab", "e") : List.of(),
                List.of(),
                number % 2 == 0,
                number % 2 == 0 ? OptionalInt.of(2) : OptionalInt.empty(),
                scored ? OptionalInt.of(1) : OptionalInt.empty(),
                new Client("key " + number % 3, number % 2, Optional.empty()));
    }

    private static GenerationRequest request(int[] prompt, int maxTokens, Sampling sampling, Client client) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                0,
                sampling,
                List.of(),
                List.of(),
                true,
                OptionalInt.empty(),
                OptionalInt.empty(),
                client);
    }

    private static EngineOptions options(long kvBytes, int maxSequences, int stepTokens, boolean prefixes) {
        return new EngineOptions(
                Optional.of(KvType.F16),
                ActivationMode.AUTO,
                kvBytes,
                maxSequences,
                stepTokens,
                Optional.empty(),
                1000,
                1 << 20,
                prefixes);
    }

    private static RunningEngine engine(EngineOptions options) {
        return new RunningEngine(model, NATIVE, options);
    }

    private static ModelConfig config() {
        try (ModelDirectory directory =
                ModelDirectory.open(model, KernelSelector.mappedMemory(NATIVE), HugePages.OFF)) {
            return directory.config();
        }
    }
}
