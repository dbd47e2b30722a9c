package dev.loci.engine;

import java.util.Map;

/// How the next token is drawn.
/// @param temperature       in [0, 2]: 0 takes the most probable id (equal logits: the lower id)
/// @param topP              in (0, 1]: the smallest set of ids whose probability reaches it
/// @param topK              0 for all
/// @param minP              in [0, 1]: ids less probable than this share of the best are left out
/// @param repetitionPenalty above 0: logits of ids in the prompt or the answer are divided by it (multiplied where
///                          negative)
/// @param presencePenalty   in -2..2: taken off the logits of ids in the answer
/// @param frequencyPenalty  in -2..2: taken off those logits once for each time
/// @param logitBias         added to the logits of these ids
/// @param seed              fixes the draw: the n-th token depends on the logits, the seed and n alone
public record Sampling(
        double temperature,
        double topP,
        int topK,
        double minP,
        double repetitionPenalty,
        double presencePenalty,
        double frequencyPenalty,
        Map<Integer, Double> logitBias,
        long seed) {
    public static final Sampling GREEDY = new Sampling(0, 1, 0, 0, 0);

    public Sampling {
        require(temperature >= 0 && temperature <= 2, "temperature", "a number in 0..2", temperature);
        require(topP > 0 && topP <= 1, "top_p", "a number in (0, 1]", topP);
        require(topK >= 0, "top_k", "a number of at least 0", topK);
        require(minP >= 0 && minP <= 1, "min_p", "a number in 0..1", minP);
        require(
                repetitionPenalty > 0 && repetitionPenalty <= 100,
                "repetition_penalty",
                "a number in (0, 100]",
                repetitionPenalty);
        require(Math.abs(presencePenalty) <= 2, "presence_penalty", "a number in -2..2", presencePenalty);
        require(Math.abs(frequencyPenalty) <= 2, "frequency_penalty", "a number in -2..2", frequencyPenalty);
        logitBias = Map.copyOf(logitBias);
        for (double bias : logitBias.values()) {
            require(Math.abs(bias) <= 100, "logit_bias", "numbers in -100..100", bias);
        }
    }

    /// Without penalties and bias.
    public Sampling(double temperature, double topP, int topK, double minP, long seed) {
        this(temperature, topP, topK, minP, 1, 0, 0, Map.of(), seed);
    }

    private static void require(boolean holds, String what, String expected, Number found) {
        if (!holds) {
            throw new IllegalArgumentException("sampling, " + what + ": expected " + expected + ", found " + found);
        }
    }
}
