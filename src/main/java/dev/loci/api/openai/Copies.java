package dev.loci.api.openai;

import dev.loci.engine.Sampling;

/// How often each prompt is continued.
/// @param choices    continuations of a prompt in the answer
/// @param candidates continuations of a prompt that are generated; the answer has the best of them
record Copies(int choices, int candidates) {
    static final Copies ONE = new Copies(1, 1);

    Copies {
        if (choices < 1 || candidates < choices) {
            throw new IllegalArgumentException("copies: expected 1 to " + candidates + " choices, found " + choices);
        }
    }

    /// Each candidate draws by a seed of its own, which does not depend on how many there are; the first by the
    /// request's.
    static Sampling sampling(Sampling first, int candidate) {
        if (candidate == 0) {
            return first;
        }
        return new Sampling(
                first.temperature(),
                first.topP(),
                first.topK(),
                first.minP(),
                first.repetitionPenalty(),
                first.presencePenalty(),
                first.frequencyPenalty(),
                first.logitBias(),
                seed(first.seed(), candidate));
    }

    /// SplitMix64 at the candidate's place of the sequence that begins with the request's seed.
    private static long seed(long seed, int candidate) {
        long state = seed + candidate * 0x9E3779B97F4A7C15L;
        state = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
        state = (state ^ (state >>> 27)) * 0x94D049BB133111EBL;
        return state ^ (state >>> 31);
    }
}
