package dev.loci.engine;

import java.util.List;
import java.util.OptionalDouble;

/// A token's log-probability under the model, over the ids below `vocabSize`, before temperature and truncation.
/// @param logprob empty for the first token of a prompt
/// @param top     the most probable ids at that place, best first, as many as were asked for
public record TokenScore(int id, OptionalDouble logprob, List<Candidate> top) {
    public record Candidate(int id, double logprob) {}

    public TokenScore {
        top = List.copyOf(top);
    }
}
