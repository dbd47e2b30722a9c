package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.engine.RunningEngine.Running;
import dev.loci.kernel.RowType;
import dev.loci.kernel.WeightType;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a generation tells of the memory layers' hits. The model has two layers of two heads.
final class MemoryTraceTest {
    private static final KernelOptions NATIVE = new KernelOptions(KernelBackend.NATIVE, 2, Optional.empty());
    private static final int LAYERS = 2;

    @TempDir
    static Path temporary;

    private static Path model;
    private static RunningEngine running;

    @BeforeAll
    static void openEngine() {
        String name = "ultramem-v1-2head";
        model = Golden.imported(name, Golden.weights(name), temporary.resolve(name), WeightType.F32, RowType.F32);
        running = open(NATIVE, 100);
    }

    private static RunningEngine open(KernelOptions kernels, int stepTokens) {
        return new RunningEngine(
                model,
                kernels,
                new EngineOptions(Optional.empty(), EngineOptions.ActivationMode.F32, 0, 16, stepTokens, 100));
    }

    @AfterAll
    static void closeEngine() {
        running.close();
    }

    private static GenerationRequest request(int[] prompt, int maxTokens, boolean memoryTrace) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                0,
                Sampling.GREEDY,
                List.of(),
                List.of(),
                true,
                OptionalInt.empty(),
                OptionalInt.empty(),
                memoryTrace,
                GenerationRequest.Client.ANYONE,
                Optional.empty());
    }

    private static List<GenerationEvent.Token> tokens(Running call) {
        return call.toTheEnd().stream()
                .filter(GenerationEvent.Token.class::isInstance)
                .map(GenerationEvent.Token.class::cast)
                .toList();
    }

    @Test
    void nobodyIsToldWhatNobodyAskedFor() {
        assertThat(tokens(running.submit(request(new int[] {5}, 4, false))))
                .hasSize(4)
                .allSatisfy(token -> assertThat(token.memory()).isEmpty());
    }

    @Test
    void theRowsOfATraceAreThoseThatTheEngineCounts() {
        List<EngineStats.Table> before = running.engine().stats().tables();
        List<GenerationEvent.Token> tokens = tokens(running.submit(request(new int[] {7}, 20, true)));
        List<EngineStats.Table> after = running.engine().stats().tables();
        assertThat(tokens)
                .hasSize(20)
                .allSatisfy(token -> assertThat(token.memory()).hasSize(LAYERS));
        for (int layer = 0; layer < LAYERS; layer++) {
            long hits = 0;
            long rows = 0;
            for (GenerationEvent.Token token : tokens) {
                List<MemoryHits.Hit> found = token.memory().get(layer).hits();
                Set<Integer> distinct = new HashSet<>();
                found.forEach(hit -> distinct.add(hit.row()));
                hits += found.size();
                rows += distinct.size();
                assertThat(found).allSatisfy(hit -> assertThat(hit.weight()).isPositive());
            }
            assertThat(hits)
                    .isEqualTo(after.get(layer).hits() - before.get(layer).hits());
            assertThat(rows)
                    .isEqualTo(after.get(layer).uniqueRows() - before.get(layer).uniqueRows());
        }
    }

    @Test
    void aTokensHitsAreThoseOfTheTokenBeforeIt() {
        int[] prompt = {40, 41, 42, 43};
        List<GenerationEvent.Token> answer = tokens(running.submit(request(prompt, 6, true)));
        for (int known = 1; known < answer.size(); known++) {
            int[] longer = Arrays.copyOf(prompt, prompt.length + known);
            for (int i = 0; i < known; i++) {
                longer[prompt.length + i] = answer.get(i).id();
            }
            // the texts differ where a character's bytes are spread over tokens
            GenerationEvent.Token next =
                    tokens(running.submit(request(longer, 1, true))).getFirst();
            assertThat(next.id())
                    .as("after %d tokens", known)
                    .isEqualTo(answer.get(known).id());
            assertThat(next.memory())
                    .as("after %d tokens", known)
                    .isEqualTo(answer.get(known).memory());
        }
        assertThat(answer.get(1).memory()).isNotEqualTo(answer.get(0).memory());
    }

    @Test
    void theScalarReferenceHitsTheSameRows() {
        GenerationRequest request = request(new int[] {90, 91, 92}, 5, true);
        List<GenerationEvent.Token> expected = tokens(running.submit(request));
        KernelOptions reference = new KernelOptions(KernelBackend.SCALAR, 1, Optional.empty());
        try (RunningEngine scalar = open(reference, 100)) {
            List<GenerationEvent.Token> found = tokens(scalar.submit(request));
            assertThat(found.stream().map(MemoryTraceTest::rows).toList())
                    .isEqualTo(expected.stream().map(MemoryTraceTest::rows).toList());
        }
    }

    private static List<List<Integer>> rows(GenerationEvent.Token token) {
        return token.memory().stream()
                .map(layer -> layer.hits().stream().map(MemoryHits.Hit::row).toList())
                .toList();
    }

    @Test
    void aTraceIsTheSameBesideOthersAndChangesNothing() {
        Random random = new Random(11);
        List<GenerationRequest> requests = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            requests.add(request(random.ints(1 + random.nextInt(40), 2, 258).toArray(), 15, i % 2 == 0));
        }
        try (RunningEngine narrow = open(NATIVE, 17)) {
            List<Running> together = requests.stream().map(narrow::submit).toList();
            for (int i = 0; i < requests.size(); i++) {
                List<GenerationEvent.Token> found = tokens(together.get(i));
                GenerationRequest other = request(requests.get(i).prompt(), 15, i % 2 == 1);
                assertThat(found).as("request %d", i).isEqualTo(tokens(running.submit(requests.get(i))));
                assertThat(found.stream().map(GenerationEvent.Token::id).toList())
                        .as("request %d", i)
                        .isEqualTo(tokens(running.submit(other)).stream()
                                .map(GenerationEvent.Token::id)
                                .toList());
            }
        }
    }

    @Test
    void aModelWithoutMemoryLayersHitsNothing() {
        Path without = Golden.imported(
                "no-mem", Golden.weights("no-mem"), temporary.resolve("no-mem"), WeightType.F32, RowType.F32);
        EngineOptions options = new EngineOptions(Optional.empty(), EngineOptions.ActivationMode.F32, 0, 4, 32, 100);
        try (RunningEngine plain = new RunningEngine(without, NATIVE, options)) {
            assertThat(tokens(plain.submit(request(new int[] {5}, 3, true))))
                    .hasSize(3)
                    .allSatisfy(token -> assertThat(token.memory()).isEmpty());
        }
    }
}
