package dev.loci.engine;

import dev.loci.grammar.TokenMask;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.SampleResults;
import dev.loci.kernel.SampleRow;
import dev.loci.kernel.SampleRows;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// Draws and scores the ids of a step, all rows of logits in one call of a kernel. Used by one thread, closed by any.
///
/// After [#clear], each [#draw] or [#given] asks for the next row; [#run] answers them all, and its answers stay until
/// the next [#clear].
final class BatchSampler implements AutoCloseable {
    private static final long NO_MASK = -1;

    private final Kernels kernels;
    private final int vocabSize;
    private final int columns;
    private final List<SampleRow> rows;
    private final GrowingSegment history;
    private final GrowingSegment biasIds;
    private final GrowingSegment biases;
    private final GrowingSegment suppressed;
    private final GrowingSegment masks;
    private final GrowingSegment ids;
    private final GrowingSegment logprobs;
    private final GrowingSegment topIds;
    private final GrowingSegment topLogprobs;
    private int top;

    /// @param columns f32 from row to row of the logits; ids from vocabSize on are padding
    /// @param maxRows rows that memory is kept ready for
    BatchSampler(Kernels kernels, int vocabSize, int columns, int maxRows) {
        this.kernels = kernels;
        this.vocabSize = vocabSize;
        this.columns = columns;
        this.rows = new ArrayList<>(maxRows);
        this.history = new GrowingSegment(1 << 12);
        this.biasIds = new GrowingSegment(1 << 10);
        this.biases = new GrowingSegment(1 << 11);
        this.suppressed = new GrowingSegment(1 << 10);
        this.masks = new GrowingSegment(1 << 13);
        this.ids = new GrowingSegment((long) Integer.BYTES * maxRows);
        this.logprobs = new GrowingSegment((long) Double.BYTES * maxRows);
        this.topIds = new GrowingSegment((long) Integer.BYTES * maxRows);
        this.topLogprobs = new GrowingSegment((long) Double.BYTES * maxRows);
    }

    void clear() {
        rows.clear();
        history.clear();
        biasIds.clear();
        biases.clear();
        suppressed.clear();
        masks.clear();
        ids.clear();
        logprobs.clear();
        topIds.clear();
        topLogprobs.clear();
        top = 0;
    }

    /// Draws the next row's id.
    /// @param number       of the token in its generation, from 0
    /// @param sequence     ids, up to `length` those so far: the prompt's, then the answer's; only read now
    /// @param alternatives how many of the most probable ids the score lists; -1 for no score
    /// @param banned       ids that are not drawn; those that the model lacks do no harm
    void draw(
            Sampling sampling,
            long number,
            int[] sequence,
            int promptLength,
            int length,
            int alternatives,
            int[] banned) {
        draw(sampling, number, sequence, promptLength, length, alternatives, banned, NO_MASK);
    }

    /// The same under a mask.
    void draw(
            Sampling sampling,
            long number,
            int[] sequence,
            int promptLength,
            int length,
            int alternatives,
            int[] banned,
            TokenMask mask) {
        int words = (vocabSize + 63) / 64;
        long from = masks.bytes() / Long.BYTES;
        for (int i = 0; i < words; i++) {
            masks.add(i < mask.words() ? mask.word(i) : 0L);
        }
        draw(sampling, number, sequence, promptLength, length, alternatives, banned, from);
    }

    private void draw(
            Sampling sampling,
            long number,
            int[] sequence,
            int promptLength,
            int length,
            int alternatives,
            int[] banned,
            long mask) {
        boolean repetition = sampling.repetitionPenalty() != 1;
        boolean answer = repetition || sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0;
        long historyFrom = history.bytes() / Integer.BYTES;
        int promptCount = repetition ? promptLength : 0;
        int answerCount = answer ? length - promptLength : 0;
        history.add(sequence, promptLength - promptCount, promptLength + answerCount);
        long biasFrom = biasIds.bytes() / Integer.BYTES;
        for (Map.Entry<Integer, Double> bias : sampling.logitBias().entrySet()) {
            if (isId(bias.getKey())) {
                biasIds.add(bias.getKey());
                biases.add(bias.getValue());
            }
        }
        long bannedFrom = suppressed.bytes() / Integer.BYTES;
        for (int id : banned) {
            if (isId(id)) {
                suppressed.add(id);
            }
        }
        rows.add(new SampleRow(
                -1,
                sampling.temperature(),
                sampling.topP(),
                sampling.topK(),
                sampling.minP(),
                sampling.repetitionPenalty(),
                sampling.presencePenalty(),
                sampling.frequencyPenalty(),
                uniform(sampling.seed(), number),
                alternatives,
                historyFrom,
                promptCount,
                answerCount,
                biasFrom,
                Math.toIntExact(biasIds.bytes() / Integer.BYTES - biasFrom),
                bannedFrom,
                Math.toIntExact(suppressed.bytes() / Integer.BYTES - bannedFrom),
                mask));
        top = Math.max(top, alternatives);
    }

    /// Scores this id with the next row.
    /// @param alternatives as in [#draw]
    void given(int id, int alternatives) {
        rows.add(SampleRow.given(id, alternatives));
        top = Math.max(top, alternatives);
    }

    /// Answers for all rows.
    /// @param logits `f32[rows][columns]`, borrowed for the call
    void run(MemorySegment logits) {
        int count = rows.size();
        long places = Math.multiplyExact((long) count, top);
        ids.clear();
        ids.extend((long) Integer.BYTES * count);
        logprobs.clear();
        logprobs.extend((long) Double.BYTES * count);
        topIds.clear();
        topIds.extend(Integer.BYTES * places);
        topLogprobs.clear();
        topLogprobs.extend(Double.BYTES * places);
        SampleRows asked =
                new SampleRows(rows, history.used(), biasIds.used(), biases.used(), suppressed.used(), masks.used());
        SampleResults results = new SampleResults(ids.used(), logprobs.used(), topIds.used(), topLogprobs.used(), top);
        kernels.sample().sample(logits, columns, vocabSize, asked, results);
    }

    /// Whether all logits of the row are; if not, it has neither id nor score.
    boolean finite(int row) {
        return id(row) >= 0;
    }

    /// The id that was drawn, or given.
    int id(int row) {
        return ids.used().getAtIndex(ValueLayout.JAVA_INT, row);
    }

    /// The score of the row's id, where one was asked for.
    Optional<TokenScore> score(int row) {
        int alternatives = Math.min(rows.get(row).alternatives(), vocabSize);
        if (alternatives < 0 || !finite(row)) {
            return Optional.empty();
        }
        List<TokenScore.Candidate> best = new ArrayList<>(alternatives);
        for (int i = 0; i < alternatives; i++) {
            long at = (long) row * top + i;
            best.add(new TokenScore.Candidate(
                    topIds.used().getAtIndex(ValueLayout.JAVA_INT, at),
                    topLogprobs.used().getAtIndex(ValueLayout.JAVA_DOUBLE, at)));
        }
        double logprob = logprobs.used().getAtIndex(ValueLayout.JAVA_DOUBLE, row);
        return Optional.of(new TokenScore(id(row), OptionalDouble.of(logprob), best));
    }

    @Override
    public void close() {
        for (GrowingSegment buffer :
                List.of(history, biasIds, biases, suppressed, masks, ids, logprobs, topIds, topLogprobs)) {
            buffer.close();
        }
    }

    private boolean isId(int id) {
        return id >= 0 && id < vocabSize;
    }

    /// A number in [0, 1) from seed and token number (SplitMix64's finalizer).
    static double uniform(long seed, long number) {
        long z = seed + (number + 1) * 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return ((z ^ z >>> 31) >>> 11) * 0x1.0p-53;
    }
}
