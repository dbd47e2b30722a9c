package dev.loci.kernel.scalar;

import dev.loci.kernel.SampleKernel;
import dev.loci.kernel.SampleResults;
import dev.loci.kernel.SampleRow;
import dev.loci.kernel.SampleRows;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

final class ScalarSample implements SampleKernel {
    private static final double LEAST_TEMPERATURE = 1e-30;

    @Override
    public void sample(MemorySegment logits, int columns, int vocabSize, SampleRows rows, SampleResults out) {
        SampleArguments.check(logits, columns, vocabSize, rows, out);
        for (int r = 0; r < rows.rows().size(); r++) {
            SampleRow row = rows.rows().get(r);
            float[] x = new float[vocabSize];
            boolean finite = true;
            for (int id = 0; id < vocabSize; id++) {
                x[id] = Elements.f32(logits, (long) r * columns + id);
                finite &= Float.isFinite(x[id]);
            }
            int id = !finite ? -1 : row.given() >= 0 ? row.given() : draw(adjusted(x, row, rows), row);
            Elements.i32(out.ids(), r, id);
            if (finite && row.alternatives() >= 0) {
                score(x, id, r, row.alternatives(), out);
            }
        }
    }

    private static float[] adjusted(float[] logits, SampleRow row, SampleRows rows) {
        float[] x = logits.clone();
        boolean[] seen = new boolean[x.length];
        int[] times = new int[x.length];
        for (int i = 0; i < row.promptCount() + row.answerCount(); i++) {
            int id = Elements.i32(rows.history(), row.history() + i);
            seen[id] = true;
            times[id] += i < row.promptCount() ? 0 : 1;
        }
        for (int id = 0; id < x.length; id++) {
            if (seen[id]) {
                double value = x[id];
                value = value > 0 ? value / row.repetitionPenalty() : value * row.repetitionPenalty();
                value = value - row.frequencyPenalty() * times[id] - (times[id] > 0 ? row.presencePenalty() : 0);
                x[id] = finite(value);
            }
        }
        for (long i = row.bias(); i < row.bias() + row.biasCount(); i++) {
            int id = Elements.i32(rows.biasIds(), i);
            x[id] = finite(x[id] + Elements.f64(rows.biases(), i));
        }
        for (long i = row.suppressed(); i < row.suppressed() + row.suppressedCount(); i++) {
            x[Elements.i32(rows.suppressed(), i)] = Float.NEGATIVE_INFINITY;
        }
        for (int id = 0; id < x.length; id++) {
            if (row.mask() >= 0 && (Elements.i64(rows.masks(), row.mask() + id / 64) & 1L << id) == 0) {
                x[id] = Float.NEGATIVE_INFINITY;
            }
        }
        return x;
    }

    private static float finite(double value) {
        return (float) Math.clamp(value, -Float.MAX_VALUE, Float.MAX_VALUE);
    }

    private static int draw(float[] x, SampleRow row) {
        List<Integer> best = bestFirst(x);
        if (row.temperature() == 0) {
            return best.getFirst();
        }
        double temperature = Math.max(row.temperature(), LEAST_TEMPERATURE);
        double max = x[best.getFirst()];
        double least = row.minP() > 0 ? max + temperature * Math.log(row.minP()) : -Float.MAX_VALUE;
        List<Integer> kept = new ArrayList<>();
        double total = 0;
        for (int id : best) {
            if (x[id] >= least && (row.topK() == 0 || kept.size() < row.topK())) {
                kept.add(id);
                total += Math.exp((x[id] - max) / temperature);
            }
        }
        double reached = 0;
        List<Integer> taken = new ArrayList<>();
        for (int id : kept) {
            if (row.topP() == 1 || reached < row.topP() * total) {
                taken.add(id);
                reached += Math.exp((x[id] - max) / temperature);
            }
        }
        if (row.topK() == 0 && row.topP() == 1) {
            taken.sort(Comparator.naturalOrder());
        }
        double sum = 0;
        int last = best.getFirst();
        for (int id : taken) {
            double share = Math.exp((x[id] - max) / temperature);
            if (share > 0) {
                last = id;
                sum += share;
                if (sum > row.draw() * reached) {
                    return id;
                }
            }
        }
        return last;
    }

    private static List<Integer> bestFirst(float[] x) {
        List<Integer> ids = new ArrayList<>();
        for (int id = 0; id < x.length; id++) {
            ids.add(id);
        }
        // Unlike Float.compare, this takes -0 and 0 for equal; the sort keeps the order of equals.
        ids.sort((a, b) -> x[a] > x[b] ? -1 : x[a] < x[b] ? 1 : 0);
        return ids;
    }

    private static void score(float[] x, int id, int row, int alternatives, SampleResults out) {
        List<Integer> best = bestFirst(x);
        double max = x[best.getFirst()];
        double sum = 0;
        for (float logit : x) {
            sum += Math.exp(logit - max);
        }
        // The maximum is taken off first: added to the logarithm it would swallow it where logits are large.
        double logSum = Math.log(sum);
        Elements.f64(out.logprobs(), row, x[id] - max - logSum);
        for (int i = 0; i < Math.min(alternatives, x.length); i++) {
            long at = (long) row * out.top() + i;
            Elements.i32(out.topIds(), at, best.get(i));
            Elements.f64(out.topLogprobs(), at, x[best.get(i)] - max - logSum);
        }
    }
}
