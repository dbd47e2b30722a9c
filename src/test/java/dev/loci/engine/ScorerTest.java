package dev.loci.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.loci.engine.TokenScore.Candidate;
import org.junit.jupiter.api.Test;

final class ScorerTest {
    private static final float[] LOGITS = {0f, 2f, 2f, -1f};

    @Test
    void givesTheLogSoftmax() {
        double logSum = Math.log(1 + 2 * Math.exp(2) + Math.exp(-1));
        TokenScore score = Scorer.score(LOGITS, 3, 0);
        assertThat(score.id()).isEqualTo(3);
        assertThat(score.logprob().orElseThrow()).isCloseTo(-1 - logSum, within(1e-12));
        assertThat(score.top()).isEmpty();
    }

    @Test
    void listsTheBestWithTheLowerIdOfEqualsFirst() {
        assertThat(Scorer.score(LOGITS, 0, 3).top()).extracting(Candidate::id).containsExactly(1, 2, 0);
    }

    @Test
    void listsNoMoreThanThereAre() {
        assertThat(Scorer.score(LOGITS, 0, 20).top()).extracting(Candidate::id).containsExactly(1, 2, 0, 3);
    }

    @Test
    void survivesLargeLogits() {
        assertThat(Scorer.score(new float[] {1e30f, 1e30f}, 0, 0).logprob().orElseThrow())
                .isCloseTo(-Math.log(2), within(1e-12));
    }
}
