package dev.loci.kernel;

/// What one row of logits is for. Spans of the buffers of [SampleRows] are given by their first element and a count.
/// @param given             the id to score, or -1 to draw one
/// @param temperature       at least 0; 0 draws the greatest adjusted logit; below 1e-30 as 1e-30
/// @param topP              in (0, 1]
/// @param topK              0 for all
/// @param minP              in [0, 1]
/// @param repetitionPenalty above 0
/// @param draw              in [0, 1): what decides a draw
/// @param alternatives      how many of the most probable ids the score lists; -1 for no score
/// @param history           ids so far: those of the prompt, then those of the answer
/// @param promptCount       ids of the prompt
/// @param answerCount       ids of the answer
/// @param bias              ids whose logits change, and by how much
/// @param suppressed        ids that are never drawn; fewer than there are
/// @param mask              first word of a mask; -1 for none. Ids whose bit is not set are never drawn; more are set
///                          than are suppressed
public record SampleRow(
        int given,
        double temperature,
        double topP,
        int topK,
        double minP,
        double repetitionPenalty,
        double presencePenalty,
        double frequencyPenalty,
        double draw,
        int alternatives,
        long history,
        int promptCount,
        int answerCount,
        long bias,
        int biasCount,
        long suppressed,
        int suppressedCount,
        long mask) {
    /// Without a mask.
    public SampleRow(
            int given,
            double temperature,
            double topP,
            int topK,
            double minP,
            double repetitionPenalty,
            double presencePenalty,
            double frequencyPenalty,
            double draw,
            int alternatives,
            long history,
            int promptCount,
            int answerCount,
            long bias,
            int biasCount,
            long suppressed,
            int suppressedCount) {
        this(
                given,
                temperature,
                topP,
                topK,
                minP,
                repetitionPenalty,
                presencePenalty,
                frequencyPenalty,
                draw,
                alternatives,
                history,
                promptCount,
                answerCount,
                bias,
                biasCount,
                suppressed,
                suppressedCount,
                -1);
    }

    /// A row that only scores an id.
    public static SampleRow given(int id, int alternatives) {
        return new SampleRow(id, 0, 1, 0, 0, 1, 0, 0, 0, alternatives, 0, 0, 0, 0, 0, 0, 0);
    }
}
