package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class SamplerTest {
    private static final float[] LOGITS = {0f, 2f, 2f, -1f, 1f};

    private final Sampler sampler = new Sampler(LOGITS.length);

    @Test
    void temperatureZeroTakesTheLowerIdOfEquals() {
        assertThat(sampler.sample(LOGITS, Sampling.GREEDY, 0)).isEqualTo(1);
    }

    @Test
    void topKOneTakesTheBestWhateverTheSeed() {
        for (long seed = 0; seed < 50; seed++) {
            assertThat(sampler.sample(LOGITS, new Sampling(2, 1, 1, 0, seed), 0))
                    .isEqualTo(1);
        }
    }

    @Test
    void temperaturesTooSmallToDivideByTakeTheBest() {
        for (double temperature : new double[] {Double.MIN_VALUE, 1e-320, Double.MIN_NORMAL, 1e-300}) {
            assertThat(sampler.sample(LOGITS, new Sampling(temperature, 1, 0, 0, 7), 0))
                    .as("temperature " + temperature)
                    .isIn(1, 2);
            assertThat(sampler.sample(LOGITS, new Sampling(temperature, 0.5, 3, 0.1, 7), 0))
                    .as("temperature " + temperature + " among the best")
                    .isIn(1, 2);
        }
    }

    @Test
    void aSmallTopPTakesTheBest() {
        for (long seed = 0; seed < 50; seed++) {
            assertThat(sampler.sample(LOGITS, new Sampling(1, 1e-6, 0, 0, seed), seed))
                    .isEqualTo(1);
        }
    }

    @Test
    void drawsInProportionToProbability() {
        assertShares(new Sampling(1, 1, 0, 0, 7), shares(1, 0, 1, 2, 3, 4));
    }

    @Test
    void temperatureFlattens() {
        assertShares(new Sampling(3, 1, 0, 0, 7), shares(3, 0, 1, 2, 3, 4));
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
    void theSameSeedAndNumberGiveTheSameId() {
        Random random = new Random(1);
        float[] logits = new float[1000];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian();
        }
        Sampler first = new Sampler(logits.length);
        Sampler second = new Sampler(logits.length);
        Sampling sampling = new Sampling(1, 0.9, 0, 0, 99);
        for (int n = 0; n < 100; n++) {
            int expected = first.sample(logits, sampling, n);
            second.sample(logits, new Sampling(0.5, 0.5, 40, 0, n), n);
            assertThat(second.sample(logits, sampling, n)).isEqualTo(expected);
        }
    }

    private void assertShares(Sampling sampling, double[] expected) {
        int draws = 40_000;
        double[] found = new double[LOGITS.length];
        for (int n = 0; n < draws; n++) {
            found[sampler.sample(LOGITS, sampling, n)] += 1.0 / draws;
        }
        // Five standard deviations of a share of one half.
        assertThat(found).containsExactly(expected, within(5 * 0.5 / Math.sqrt(draws)));
        for (int id = 0; id < expected.length; id++) {
            if (expected[id] == 0) {
                assertThat(found[id]).as("share of id " + id).isZero();
            }
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
