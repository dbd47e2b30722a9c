package dev.loci.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// Log-probabilities of ids under logits.
final class Scorer {
    private Scorer() {}

    /// @param logits       of the ids below vocabSize
    /// @param alternatives how many of the most probable ids the score lists (equal logits: lower id first)
    static TokenScore score(float[] logits, int id, int alternatives) {
        double max = logits[Sampler.best(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - max);
        }
        // The maximum is taken off first: added to the logarithm it would swallow it where logits are large.
        double logSum = Math.log(sum);
        return new TokenScore(
                id, OptionalDouble.of(logits[id] - max - logSum), best(logits, alternatives, max, logSum));
    }

    private static List<TokenScore.Candidate> best(float[] logits, int count, double max, double logSum) {
        int kept = Math.min(count, logits.length);
        int[] ids = new int[kept];
        int filled = 0;
        for (int id = 0; id < logits.length; id++) {
            if (filled == kept && (kept == 0 || logits[id] <= logits[ids[kept - 1]])) {
                continue;
            }
            int place = filled < kept ? filled++ : kept - 1;
            while (place > 0 && logits[ids[place - 1]] < logits[id]) {
                ids[place] = ids[place - 1];
                place--;
            }
            ids[place] = id;
        }
        List<TokenScore.Candidate> candidates = new ArrayList<>(kept);
        for (int id : ids) {
            candidates.add(new TokenScore.Candidate(id, logits[id] - max - logSum));
        }
        return candidates;
    }
}
