package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loci.engine.TokenScore.Candidate;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.scalar.ScalarKernels;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class BatchSamplerTest {
    private static final float[] LOGITS = {0f, 2f, 2f, -1f, 1f};
    private static final int[] NONE = {};
    private static final int NO_SCORE = -1;

    private final Arena arena = Arena.ofConfined();
    private final Kernels kernels = KernelSelector.open(new KernelOptions(KernelBackend.NATIVE, 2, Optional.empty()))
            .kernels();
    private final BatchSampler sampler = new BatchSampler(kernels, LOGITS.length, LOGITS.length, 4);

    @AfterEach
    void close() {
        sampler.close();
        kernels.close();
        arena.close();
    }

    @Test
    void temperatureZeroTakesTheLowerIdOfEquals() {
        assertThat(drawn(Sampling.GREEDY, 0)).isEqualTo(1);
    }

    @Test
    void topKOneTakesTheBestWhateverTheSeed() {
        for (long seed = 0; seed < 50; seed++) {
            assertThat(drawn(new Sampling(2, 1, 1, 0, seed), 0)).isEqualTo(1);
        }
    }

    @Test
    void aSmallTopPTakesTheBest() {
        for (long seed = 0; seed < 50; seed++) {
            assertThat(drawn(new Sampling(1, 1e-6, 0, 0, seed), seed)).isEqualTo(1);
        }
    }

    @Test
    void drawsInProportionToProbability() {
        assertShares(new Sampling(1, 1, 0, 0, 7), shares(1, 0, 1, 2, 3, 4));
    }

    @Test
    void temperatureFlattens() {
        assertShares(new Sampling(2, 1, 0, 0, 7), shares(2, 0, 1, 2, 3, 4));
    }

    @Test
    void topKDrawsAmongTheBestK() {
        assertShares(new Sampling(1, 1, 3, 0, 7), shares(1, 1, 2, 4));
    }

    @Test
    void topPDrawsAmongTheSmallestSetThatReachesIt() {
        // Probabilities: 0.399 0.399 0.147 0.054 0.001...: 0.8 needs three.
        assertShares(new Sampling(1, 0.8, 0, 0, 7), shares(1, 1, 2, 4));
    }

    @Test
    void topPCountsWithinTopK() {
        assertShares(new Sampling(1, 0.6, 2, 0, 7), shares(1, 1, 2));
    }

    @Test
    void minPLeavesOutTheImprobable() {
        // exp(-1) = 0.37 of the best stays, exp(-2) = 0.14 goes.
        assertShares(new Sampling(1, 1, 0, 0.3, 7), shares(1, 1, 2, 4));
    }

    @Test
    void theSameSeedAndNumberGiveTheSameIdInAnyCompany() {
        int vocabSize = 1000;
        Random random = new Random(1);
        MemorySegment logits = arena.allocate(4L * 9 * vocabSize, 4);
        for (int i = 0; i < 9 * vocabSize; i++) {
            logits.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
        }
        Sampling sampling = new Sampling(1, 0.9, 0, 0, 99);
        try (BatchSampler one = new BatchSampler(kernels, vocabSize, vocabSize, 1);
                BatchSampler other = new BatchSampler(new ScalarKernels(), vocabSize, vocabSize, 1)) {
            for (int n = 0; n < 30; n++) {
                one.clear();
                one.draw(sampling, n, NONE, 0, 0, NO_SCORE, NONE);
                one.run(logits);
                int alone = one.id(0);
                one.clear();
                other.clear();
                for (int row = 0; row < 9; row++) {
                    Sampling beside = row == 0 ? sampling : new Sampling(0.5, 0.5, row % 2 * 40, 0, n);
                    one.draw(beside, n, NONE, 0, 0, row - 1, NONE);
                    other.draw(beside, n, NONE, 0, 0, row - 1, NONE);
                }
                one.run(logits);
                other.run(logits);
                assertThat(one.id(0)).isEqualTo(alone);
                for (int row = 0; row < 9; row++) {
                    assertThat(one.id(row)).as("row " + row).isEqualTo(other.id(row));
                }
            }
        }
    }

    @Test
    void presenceAndFrequencyCountTheAnswerAlone() {
        int[] ids = {2, 2, 1, 1, 4};
        // id 1: 2 - 2 * 0.4 - 0.3 = 0.9; id 4: 1 - 0.4 - 0.3; id 2 stands in the prompt only.
        assertThat(greedy(penalties(1, 0.3, 0.4), ids, 2, ids.length)).isEqualTo(2);
        assertThat(greedy(penalties(1, -0.3, 0), ids, 2, ids.length)).isEqualTo(1);
        // Ids beyond the length do not count.
        assertThat(greedy(penalties(1, 0.3, 0.4), ids, 2, 2)).isEqualTo(1);
    }

    @Test
    void repetitionCountsThePromptToo() {
        int[] ids = {1, 2};
        // 2 / 3 for ids 1 and 2 leaves id 4, at 1, the best.
        assertThat(greedy(penalties(3, 0, 0), ids, 1, 2)).isEqualTo(4);
        assertThat(greedy(penalties(3, 0, 0), ids, 1, 1)).isEqualTo(2);
    }

    @Test
    void biasMovesAnIdAndOneThatTheModelLacksDoesNoHarm() {
        Sampling sampling = new Sampling(0, 1, 0, 0, 1, 0, 0, Map.of(3, 3.5, LOGITS.length, 100.0), 0);
        assertThat(greedy(sampling, NONE, 0, 0)).isEqualTo(3);
    }

    @Test
    void bannedIdsAreNeverDrawn() {
        int[] banned = {1, 2, 4, LOGITS.length};
        for (int n = 0; n < 200; n++) {
            sampler.clear();
            sampler.draw(new Sampling(2, 1, 0, 0, 3), n, NONE, 0, 0, NO_SCORE, banned);
            sampler.run(logits(LOGITS));
            assertThat(sampler.id(0)).isIn(0, 3);
        }
    }

    @Test
    void historiesOfManyRowsOutgrowTheBuffers() {
        int[] ids = new int[5000];
        sampler.clear();
        for (int row = 0; row < 6; row++) {
            ids[4999] = row % 2 + 1;
            sampler.draw(penalties(1, 2, 0), 0, ids, 1000, ids.length, 5, NONE);
        }
        sampler.run(logits(LOGITS, LOGITS, LOGITS, LOGITS, LOGITS, LOGITS));
        for (int row = 0; row < 6; row++) {
            assertThat(sampler.id(row)).as("row " + row).isEqualTo(2 - row % 2);
            assertThat(sampler.score(row).orElseThrow().top()).hasSize(5);
        }
    }

    @Test
    void givesTheLogSoftmaxBeforePenaltiesAndTemperature() {
        double logSum = Math.log(1 + 2 * Math.exp(2) + Math.exp(-1) + Math.exp(1));
        sampler.clear();
        sampler.given(3, 0);
        sampler.draw(new Sampling(0, 1, 0, 0, 1, 0, 0, Map.of(0, 9.0), 0), 0, NONE, 0, 0, 1, NONE);
        sampler.given(3, NO_SCORE);
        sampler.run(logits(LOGITS, LOGITS, LOGITS));
        TokenScore score = sampler.score(0).orElseThrow();
        assertThat(score.id()).isEqualTo(3);
        assertThat(score.logprob().orElseThrow()).isCloseTo(-1 - logSum, within(1e-6));
        assertThat(score.top()).isEmpty();
        TokenScore drawn = sampler.score(1).orElseThrow();
        assertThat(drawn.id()).isEqualTo(sampler.id(1)).isZero();
        assertThat(drawn.logprob().orElseThrow()).isCloseTo(-logSum, within(1e-6));
        assertThat(drawn.top()).extracting(Candidate::id).containsExactly(1);
        assertThat(sampler.score(2)).isEmpty();
    }

    @Test
    void listsTheBestWithTheLowerIdOfEqualsFirst() {
        assertThat(scored(0, 3).top()).extracting(Candidate::id).containsExactly(1, 2, 4);
    }

    @Test
    void listsNoMoreThanThereAre() {
        assertThat(scored(0, 20).top()).extracting(Candidate::id).containsExactly(1, 2, 4, 0, 3);
    }

    @Test
    void survivesLargeLogits() {
        sampler.clear();
        sampler.given(0, 0);
        sampler.run(logits(new float[] {1e30f, 1e30f, 0, 0, 0}));
        assertThat(sampler.score(0).orElseThrow().logprob().orElseThrow()).isCloseTo(-Math.log(2), within(1e-12));
    }

    @Test
    void tellsRowsThatAreNotFinite() {
        sampler.clear();
        sampler.draw(Sampling.GREEDY, 0, NONE, 0, 0, 2, NONE);
        sampler.given(1, 2);
        sampler.run(logits(new float[] {0, 1, Float.NaN, 0, 0}, LOGITS));
        assertThat(sampler.finite(0)).isFalse();
        assertThat(sampler.score(0)).isEmpty();
        assertThat(sampler.finite(1)).isTrue();
        assertThat(sampler.id(1)).isEqualTo(1);
    }

    private static Sampling penalties(double repetition, double presence, double frequency) {
        return new Sampling(0, 1, 0, 0, repetition, presence, frequency, Map.of(), 0);
    }

    private int greedy(Sampling sampling, int[] ids, int promptLength, int length) {
        sampler.clear();
        sampler.draw(sampling, 0, ids, promptLength, length, NO_SCORE, NONE);
        sampler.run(logits(LOGITS));
        return sampler.id(0);
    }

    private TokenScore scored(int id, int alternatives) {
        sampler.clear();
        sampler.given(id, alternatives);
        sampler.run(logits(LOGITS));
        return sampler.score(0).orElseThrow();
    }

    private int drawn(Sampling sampling, long number) {
        sampler.clear();
        sampler.draw(sampling, number, NONE, 0, 0, NO_SCORE, NONE);
        sampler.run(logits(LOGITS));
        return sampler.id(0);
    }

    private MemorySegment logits(float[]... rows) {
        MemorySegment all = arena.allocate(4L * rows.length * LOGITS.length, 4);
        for (int row = 0; row < rows.length; row++) {
            MemorySegment.copy(rows[row], 0, all, ValueLayout.JAVA_FLOAT, 4L * row * LOGITS.length, LOGITS.length);
        }
        return all;
    }

    private void assertShares(Sampling sampling, double[] expected) {
        int draws = 40_000;
        int[] found = new int[LOGITS.length];
        MemorySegment logits = logits(LOGITS);
        for (int n = 0; n < draws; n++) {
            sampler.clear();
            sampler.draw(sampling, n, NONE, 0, 0, NO_SCORE, NONE);
            sampler.run(logits);
            found[sampler.id(0)]++;
        }
        for (int id = 0; id < expected.length; id++) {
            // Five standard deviations of a share of one half.
            assertThat((double) found[id] / draws)
                    .as("share of id " + id)
                    .isCloseTo(expected[id], within(expected[id] == 0 ? 0 : 5 * 0.5 / Math.sqrt(draws)));
        }
    }

    private static double[] shares(double temperature, int... ids) {
        double[] shares = new double[LOGITS.length];
        double total = 0;
        for (int id : ids) {
            shares[id] = Math.exp(LOGITS[id] / temperature);
            total += shares[id];
        }
        for (int id : ids) {
            shares[id] /= total;
        }
        return shares;
    }
}
