package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.EngineOptions.ActivationMode;
import dev.loci.engine.RunningEngine.Running;
import dev.loci.kernel.KvType;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.kernel.select.Isa;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A request's events are the same, bit by bit, whatever it is computed with: ids, texts, log-probabilities and reasons
/// of the end. `-Dtest.seed` draws other requests.
final class BatchInvarianceTest {
    private static final long SEED = Long.getLong("test.seed", 4711);
    private static final int REQUESTS = 200;
    private static final Path DEFAULT_MODEL = Path.of("model-store", "loci-mini");

    @TempDir
    private Path temporary;

    /// What requests are computed with.
    /// @param sequences in a step at most
    /// @param stepTokens chunks of prompts are what a step has room for beside the sequences that draw
    /// @param stepTime   chunks then depend on the clock too
    private record Crowd(int sequences, int stepTokens, Optional<Duration> stepTime, int threads, boolean prefixes) {
        static Crowd of(int sequences, int stepTokens, int threads, boolean prefixes) {
            return new Crowd(sequences, stepTokens, Optional.empty(), threads, prefixes);
        }
    }

    private static final Crowd ALONE = Crowd.of(1, 256, 1, false);

    private record Model(Path directory, Optional<Isa> cap, Optional<KvType> kvType, List<GenerationRequest> requests) {
        RunningEngine open(Crowd crowd) {
            EngineOptions options = new EngineOptions(
                    kvType,
                    ActivationMode.AUTO,
                    0,
                    crowd.sequences(),
                    crowd.stepTokens(),
                    crowd.stepTime(),
                    2 * REQUESTS * 3,
                    1 << 20,
                    crowd.prefixes());
            return new RunningEngine(directory, new KernelOptions(KernelBackend.NATIVE, crowd.threads(), cap), options);
        }
    }

    @Test
    void int8WeightsWithTheBestKernels() {
        check(golden("ultramem-v1", WeightType.INT8, RowType.INT8, Optional.empty(), KvType.F16), everyCrowd());
    }

    @Test
    void bf16WeightsWithKernelsOfAvx2() {
        check(
                golden("ultramem-v1-2head", WeightType.BF16, RowType.INT4, Optional.of(Isa.AVX2), KvType.INT8),
                everyCrowd());
    }

    @Test
    void f32WeightsWithGenericKernels() {
        check(golden("no-mem", WeightType.F32, RowType.F32, Optional.of(Isa.GENERIC), KvType.F32), everyCrowd());
    }

    @Test
    void theDefaultModel() {
        List<GenerationRequest> requests = new RandomRequests(SEED, 16384, 24).generations(REQUESTS);
        check(
                new Model(DEFAULT_MODEL, Optional.empty(), Optional.empty(), requests),
                List.of(Crowd.of(5, 19, 2, false), Crowd.of(32, 256, 2, true)));
    }

    private Model golden(String name, WeightType dense, RowType table, Optional<Isa> cap, KvType kvType) {
        Path directory = Golden.imported(name, Golden.weights(name), temporary.resolve(name), dense, table);
        return new Model(directory, cap, Optional.of(kvType), new RandomRequests(SEED, 500, 40).generations(REQUESTS));
    }

    /// Chosen crowds, and some of random size.
    private static List<Crowd> everyCrowd() {
        List<Crowd> crowds = new ArrayList<>(List.of(
                Crowd.of(1, 1, 2, false),
                Crowd.of(2, 2, 1, true),
                Crowd.of(32, 33, 2, true),
                new Crowd(16, 256, Optional.of(Duration.ofMillis(1)), 2, true)));
        Random random = new Random(SEED);
        for (int i = 0; i < 3; i++) {
            int sequences = 2 + random.nextInt(31);
            crowds.add(
                    Crowd.of(sequences, sequences + random.nextInt(200), 1 + random.nextInt(2), random.nextBoolean()));
        }
        return crowds;
    }

    private static void check(Model model, List<Crowd> crowds) {
        List<GenerationRequest> requests = model.requests();
        List<List<GenerationEvent>> expected = new ArrayList<>();
        try (RunningEngine alone = model.open(ALONE)) {
            for (GenerationRequest request : requests) {
                expected.add(EngineTest.withoutCached(alone.submit(request).toTheEnd()));
            }
            assertThat(alone.engine().stats().cachedTokens()).isZero();
        }
        Random random = new Random(SEED);
        for (Crowd crowd : crowds) {
            try (RunningEngine together = model.open(crowd)) {
                run(together, "cold", crowd, random, requests, expected);
                if (crowd.prefixes()) {
                    long before = together.engine().stats().cachedTokens();
                    run(together, "warm", crowd, random, requests, expected);
                    assertThat(together.engine().stats().cachedTokens() - before)
                            .as("tokens from the cache, warm, " + crowd)
                            .isPositive();
                }
            }
        }
    }

    /// All at once, in random order.
    private static void run(
            RunningEngine engine,
            String cache,
            Crowd crowd,
            Random random,
            List<GenerationRequest> requests,
            List<List<GenerationEvent>> expected) {
        List<Integer> order = new ArrayList<>();
        List<Running> running = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            order.add(i);
            running.add(null);
        }
        Collections.shuffle(order, random);
        for (int i : order) {
            running.set(i, engine.submit(requests.get(i)));
        }
        for (int i = 0; i < requests.size(); i++) {
            assertThat(EngineTest.withoutCached(running.get(i).toTheEnd()))
                    .as("seed " + SEED + ", generation " + i + ", " + cache + ", " + crowd)
                    .isEqualTo(expected.get(i));
        }
    }
}
