package dev.loci.engine;

/// How the next token is drawn.
/// @param temperature 0 takes the most probable id (equal logits: the lower id)
/// @param topP        in (0, 1]: the smallest set of ids whose probability reaches it
/// @param topK        0 for all
/// @param minP        in [0, 1]: ids less probable than this share of the best are left out
/// @param seed        fixes the draw: the n-th token depends on the logits, the seed and n alone
public record Sampling(double temperature, double topP, int topK, double minP, long seed) {
    public static final Sampling GREEDY = new Sampling(0, 1, 0, 0, 0);

    public Sampling {
        require(temperature >= 0 && temperature <= 100, "temperature", "a number in 0..100", temperature);
        require(topP > 0 && topP <= 1, "top_p", "a number in (0, 1]", topP);
        require(topK >= 0, "top_k", "a number of at least 0", topK);
        require(minP >= 0 && minP <= 1, "min_p", "a number in 0..1", minP);
    }

    private static void require(boolean holds, String what, String expected, Number found) {
        if (!holds) {
            throw new IllegalArgumentException("sampling, " + what + ": expected " + expected + ", found " + found);
        }
    }
}
