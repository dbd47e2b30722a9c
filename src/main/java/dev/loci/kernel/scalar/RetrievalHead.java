package dev.loci.kernel.scalar;

import dev.loci.kernel.RetrievalKeys;
import dev.loci.kernel.WeightType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Selection by one head of a memory layer.
record RetrievalHead(RetrievalKeys keys, int head) {
    /// A cell of the grid.
    /// @param slot    `i * axisKeys + j`
    /// @param score   sum of the weights; a NaN counts as the lowest
    /// @param weights one of each core
    record Hit(int slot, double score, List<Double> weights) {
        Hit {
            weights = List.copyOf(weights);
        }

        int id(RetrievalKeys keys) {
            return Elements.i32(keys.shuffle(), slot);
        }
    }

    List<Hit> hits(MemorySegment queries, int token) {
        double[][] rows = scores(queries, token, 0);
        double[][] columns = scores(queries, token, 1);
        List<Hit> grid = new ArrayList<>();
        for (int i : top(rows, keys.u())) {
            for (int j : top(columns, keys.v())) {
                grid.add(hit(i * keys.axisKeys() + j, rows[i], columns[j]));
            }
        }
        return grid.stream()
                .sorted(Comparator.comparingDouble(Hit::score).reversed().thenComparingInt(Hit::slot))
                .limit(keys.top())
                .toList();
    }

    /// `S[j][p]` of one axis.
    private double[][] scores(MemorySegment queries, int token, int axis) {
        int keyDim = keys.keyDim();
        double[][] scores = new double[keys.axisKeys()][keys.rank()];
        for (int j = 0; j < keys.axisKeys(); j++) {
            for (int p = 0; p < keys.rank(); p++) {
                for (int d = 0; d < keyDim; d++) {
                    double query = Elements.f32(queries, (token * 2L + axis) * keyDim + d);
                    long key = keys.offset(head, axis, j, p, d);
                    scores[j][p] += keys.keyType() == WeightType.BF16
                            ? Elements.roundedToBf16(query) * Elements.bf16At(keys.keys(), key)
                            : query * Elements.f32At(keys.keys(), key);
                }
            }
        }
        return scores;
    }

    /// The best keys of one axis by its pre-filter.
    private int[] top(double[][] scores, MemorySegment filter) {
        double[] filtered = new double[scores.length];
        for (int j = 0; j < scores.length; j++) {
            for (int p = 0; p < keys.rank(); p++) {
                filtered[j] += Elements.f32(filter, (long) head * keys.rank() + p) * scores[j][p];
            }
        }
        return IntStream.range(0, scores.length)
                .boxed()
                .sorted(Comparator.<Integer>comparingDouble(j -> ranked(filtered[j]))
                        .reversed()
                        .thenComparing(Comparator.naturalOrder()))
                .limit(keys.top())
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private Hit hit(int slot, double[] row, double[] column) {
        List<Double> weights = new ArrayList<>();
        double score = 0;
        for (int c = 0; c < keys.coreCount(); c++) {
            double weight = 0;
            for (int p = 0; p < keys.rank(); p++) {
                for (int s = 0; s < keys.rank(); s++) {
                    long cell = (((long) c * keys.heads() + head) * keys.rank() + p) * keys.rank() + s;
                    weight += row[p] * Elements.f32(keys.cores(), cell) * column[s];
                }
            }
            weights.add(weight);
            score += weight;
        }
        return new Hit(slot, ranked(score), weights);
    }

    /// Makes scores comparable: no NaN, no negative zero.
    private static double ranked(double score) {
        return Double.isNaN(score) ? Double.NEGATIVE_INFINITY : score + 0.0;
    }
}
