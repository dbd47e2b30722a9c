package dev.loci.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

public abstract class SampleKernelContract extends KernelContract {
    private static final int HISTORY = 40;
    private static final int TOP = 6;

    /// Relative error of a log-probability.
    private static final double ERROR = 1e-6;

    /// What one call reads and writes.
    private final class Case {
        final int columns;
        final int vocabSize;
        final MemorySegment logits;
        final SampleRows rows;
        final SampleResults results;

        Case(int columns, int vocabSize, MemorySegment logits, List<SampleRow> rows) {
            this.columns = columns;
            this.vocabSize = vocabSize;
            this.logits = logits;
            MemorySegment biases = arena.allocate(8L * HISTORY, 8);
            for (int i = 0; i < HISTORY; i++) {
                biases.setAtIndex(ValueLayout.JAVA_DOUBLE, i, samples.random().nextGaussian());
            }
            this.rows = new SampleRows(
                    rows,
                    samples.ints(HISTORY, vocabSize),
                    samples.ints(HISTORY, vocabSize),
                    biases,
                    samples.ints(HISTORY, vocabSize),
                    masks(vocabSize));
            this.results = results(rows.size());
        }

        SampleResults run(Kernels on) {
            on.sample().sample(logits, columns, vocabSize, rows, results);
            return results;
        }

        SampleResults runReference() {
            SampleResults expected = results(rows.rows().size());
            reference.sample().sample(logits, columns, vocabSize, rows, expected);
            return expected;
        }
    }

    /// Two masks, one after the other; each has the first id.
    private MemorySegment masks(int vocabSize) {
        int words = (vocabSize + 63) / 64;
        MemorySegment masks = arena.allocate(16L * words, 8);
        for (int i = 0; i < 2 * words; i++) {
            masks.setAtIndex(ValueLayout.JAVA_LONG, i, samples.random().nextLong() | 1);
        }
        return masks;
    }

    private SampleResults results(int rows) {
        return new SampleResults(
                outBytes(4L * rows), outBytes(8L * rows), outBytes(4L * rows * TOP), outBytes(8L * rows * TOP), TOP);
    }

    private SampleRow row(int kind, int vocabSize) {
        Random random = samples.random();
        boolean penalties = kind % 3 == 1;
        return new SampleRow(
                kind % 7 == 6 ? random.nextInt(vocabSize) : -1,
                kind % 5 == 0 ? 0 : 0.2 + 2 * random.nextDouble(),
                kind % 2 == 0 ? 1 : 0.05 + 0.9 * random.nextDouble(),
                kind % 3 == 0 ? random.nextInt(vocabSize + 3) : 0,
                kind % 4 == 3 ? random.nextDouble() : 0,
                penalties ? 1.25 : 1,
                penalties ? 0.5 : 0,
                penalties ? -0.25 : 0,
                random.nextDouble(),
                random.nextInt(TOP + 2) - 1,
                random.nextInt(HISTORY / 2),
                random.nextInt(HISTORY / 4),
                random.nextInt(HISTORY / 4),
                random.nextInt(HISTORY / 2),
                kind % 4 == 2 ? HISTORY / 4 : 0,
                random.nextInt(HISTORY / 2),
                kind % 6 == 5 ? Math.min(vocabSize - 1, HISTORY / 4) : 0,
                kind % 12 == 4 ? (vocabSize + 63) / 64 : kind % 12 == 10 ? 0 : -1);
    }

    private Case sample(int vocabSize, int rowCount) {
        int columns = vocabSize + 3;
        MemorySegment logits = samples.floats((long) rowCount * columns, 12);
        List<SampleRow> rows = new ArrayList<>();
        for (int r = 0; r < rowCount; r++) {
            rows.add(row(r, vocabSize));
            for (int i = vocabSize; i < columns; i++) {
                logits.setAtIndex(ValueLayout.JAVA_FLOAT, (long) r * columns + i, Float.NaN);
            }
        }
        return new Case(columns, vocabSize, logits, rows);
    }

    @Test
    void drawsAndScoresAsTheReferenceDoes() {
        for (int vocabSize : new int[] {1, 2, 7, 8, 9, 15, 16, 17, 33, 64, 65, 255, 256, 257, 1000, 2049}) {
            Case sample = sample(vocabSize, 84);
            SampleResults actual = sample.run(kernels);
            SampleResults expected = sample.runReference();
            for (int r = 0; r < 84; r++) {
                String what = "row " + r + " of " + vocabSize + " ids, " + samples.seed();
                assertThat(Values.i32(actual.ids(), r)).as(what).isEqualTo(Values.i32(expected.ids(), r));
                int alternatives = sample.rows.rows().get(r).alternatives();
                if (alternatives >= 0) {
                    assertClose(actual.logprobs(), expected.logprobs(), r, what);
                }
                for (long i = (long) r * TOP; i < (long) r * TOP + Math.min(alternatives, vocabSize); i++) {
                    assertThat(Values.i32(actual.topIds(), i)).as(what).isEqualTo(Values.i32(expected.topIds(), i));
                    assertClose(actual.topLogprobs(), expected.topLogprobs(), i, what);
                }
            }
        }
    }

    private static void assertClose(MemorySegment actual, MemorySegment expected, long index, String what) {
        double a = actual.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
        double e = expected.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
        // The reference adds what is beside the greatest to 1, so it knows a small sum to the unit roundoff only.
        if (!(Math.abs(a - e) <= ERROR * Math.abs(e) + 0x1p-50)) {
            throw new AssertionError("log-probability of " + what + ": expected " + e + ", found " + a);
        }
    }

    @Test
    void aRowHasTheSameBitsInEveryBatchAndOnEveryNumberOfThreads() {
        Case sample = sample(700, 45);
        sample.run(kernels);
        for (int threads = 1; threads <= 3; threads++) {
            try (Kernels more = open(threads)) {
                for (int first = 0; first < 45; first += 9) {
                    for (int count : new int[] {1, 2, 9}) {
                        SampleResults part = results(count);
                        for (MemorySegment out : List.of(part.logprobs(), part.topIds(), part.topLogprobs())) {
                            out.fill((byte) 0x5A);
                        }
                        SampleRows rows = new SampleRows(
                                sample.rows.rows().subList(first, first + count),
                                sample.rows.history(),
                                sample.rows.biasIds(),
                                sample.rows.biases(),
                                sample.rows.suppressed(),
                                sample.rows.masks());
                        more.sample()
                                .sample(
                                        Values.rows(sample.logits, first, count, 4L * sample.columns),
                                        sample.columns,
                                        sample.vocabSize,
                                        rows,
                                        part);
                        String what = count + " rows from " + first + " on " + threads + " threads";
                        assertSameBits(part.ids(), Values.rows(sample.results.ids(), first, count, 4), what);
                        assertSameBits(part.logprobs(), Values.rows(sample.results.logprobs(), first, count, 8), what);
                        assertSameBits(
                                part.topIds(), Values.rows(sample.results.topIds(), first, count, 4L * TOP), what);
                        assertSameBits(
                                part.topLogprobs(),
                                Values.rows(sample.results.topLogprobs(), first, count, 8L * TOP),
                                what);
                    }
                }
            }
        }
    }

    @Test
    void drawsNothingThatAMaskLacks() {
        MemorySegment masks = arena.allocate(32, 8);
        masks.setAtIndex(ValueLayout.JAVA_LONG, 1, 1L << 63);
        masks.setAtIndex(ValueLayout.JAVA_LONG, 2, 1L << 1);
        for (double temperature : new double[] {0, 1}) {
            for (int topK : new int[] {0, 5}) {
                for (double topP : new double[] {1, 0.5}) {
                    List<SampleRow> rows =
                            List.of(masked(temperature, topP, topK, 0), masked(temperature, topP, topK, 1));
                    Case sample = new Case(130, 130, samples.floats(2 * 130, 12), rows);
                    SampleRows asked = new SampleRows(
                            rows,
                            MemorySegment.NULL,
                            MemorySegment.NULL,
                            MemorySegment.NULL,
                            MemorySegment.NULL,
                            masks);
                    kernels.sample().sample(sample.logits, 130, 130, asked, sample.results);
                    assertThat(Values.i32(sample.results.ids(), 0)).isIn(127, 129);
                    assertThat(Values.i32(sample.results.ids(), 1)).isIn(63, 65);
                }
            }
        }
    }

    private SampleRow masked(double temperature, double topP, int topK, long mask) {
        return new SampleRow(-1, temperature, topP, topK, 0, 1, 0, 0, 0.5, -1, 0, 0, 0, 0, 0, 0, 0, mask);
    }

    @Test
    void refusesAMaskThatLeavesNothing() {
        for (int words : new int[] {0, 1}) {
            MemorySegment masks = arena.allocate(8L * words + 8, 8).asSlice(0, 8L * words);
            SampleRows asked = new SampleRows(
                    List.of(masked(1, 1, 0, 0)),
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    MemorySegment.NULL,
                    masks);
            assertRefused(
                    () -> kernels.sample().sample(samples.floats(9, 1), 9, 9, asked, results(1)),
                    words + " words without a bit");
        }
    }

    @Test
    void marksRowsThatAreNotFinite() {
        for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
            for (int at : new int[] {0, 15, 16, 40, 42}) {
                MemorySegment logits = samples.floats(2 * 43, 1);
                logits.setAtIndex(ValueLayout.JAVA_FLOAT, 43 + at, bad);
                List<SampleRow> rows = List.of(SampleRow.given(3, -1), SampleRow.given(3, 2));
                SampleResults results = new Case(43, 43, logits, rows).run(kernels);
                assertThat(Values.i32s(results.ids())).as(bad + " at " + at).containsExactly(3, -1);
            }
        }
    }

    @Test
    void refusesWhatIsOutOfRange() {
        SampleRow good = SampleRow.given(1, 0);
        assertRefused(good, 0, 5, "no ids");
        assertRefused(good, 6, 5, "more ids than columns");
        assertRefused(SampleRow.given(5, 0), 5, 5, "a given id that is padding");
        assertRefused(SampleRow.given(0, TOP + 1), 5, 5, "too many alternatives");
        double nan = Double.NaN;
        assertRefused(drawing(nan, 1, 0, 1, 0, 0, 0, 0), 5, 5, "temperature NaN");
        assertRefused(drawing(-1, 1, 0, 1, 0, 0, 0, 0), 5, 5, "temperature -1");
        assertRefused(drawing(1, nan, 0, 1, 0, 0, 0, 0), 5, 5, "topP NaN");
        assertRefused(drawing(1, 1, nan, 1, 0, 0, 0, 0), 5, 5, "minP NaN");
        assertRefused(drawing(1, 1, 0, nan, 0, 0, 0, 0), 5, 5, "repetitionPenalty NaN");
        assertRefused(drawing(1, 1, 0, 1, nan, 0, 0, 0), 5, 5, "presencePenalty NaN");
        assertRefused(drawing(1, 1, 0, 1, 0, nan, 0, 0), 5, 5, "frequencyPenalty NaN");
        assertRefused(drawing(1, 1, 0, 1, 0, 0, 1, 0), 5, 5, "draw 1");
        assertRefused(drawing(1, 1, 0, 1, 0, 0, 0, HISTORY + 1), 5, 5, "a history beyond the buffer");
        assertRefused(drawing(1, 1, 0, 1, 0, 0, 0, -1), 5, 5, "a history of -1 ids");
        assertRefused(drawing(1, 1, 0, 1, 0, 0, 0, HISTORY), 2, 5, "ids of padding in the history");
    }

    private static SampleRow drawing(
            double temperature,
            double topP,
            double minP,
            double repetition,
            double presence,
            double frequency,
            double draw,
            int promptCount) {
        return new SampleRow(
                -1,
                temperature,
                topP,
                0,
                minP,
                repetition,
                presence,
                frequency,
                draw,
                -1,
                0,
                promptCount,
                0,
                0,
                0,
                0,
                0);
    }

    private void assertRefused(SampleRow row, int vocabSize, int columns, String what) {
        Case sample = new Case(columns, columns, samples.floats(columns, 1), List.of(row));
        sample.rows.history().setAtIndex(ValueLayout.JAVA_INT, 0, columns - 1);
        sample.results.ids().fill((byte) 0x5A);
        assertRefused(
                () -> kernels.sample().sample(sample.logits, columns, vocabSize, sample.rows, sample.results), what);
        assertThat(Values.i32(sample.results.ids(), 0)).as(what).isEqualTo(0x5A5A5A5A);
    }
}
