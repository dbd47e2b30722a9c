package dev.loci.importer;

import java.util.Arrays;

/// Seeded Tucker cores with elements in [0, 1), and the leading singular pair of their sum. All elements being
/// positive, so are
/// the vectors, and their sign is settled.
final class RandomCores {
    private static final int ITERATIONS = 64;

    private final long seed;
    private final int rank;
    private final int cores;

    RandomCores(long seed, int rank, int cores) {
        this.seed = seed;
        this.rank = rank;
        this.cores = cores;
    }

    /// Rows of one core: row i of head a is row `a * rank + i`.
    FloatRows core(int core) {
        return (row, out) -> {
            for (int j = 0; j < rank; j++) {
                out[j] = element(core, row, j);
            }
        };
    }

    /// A row for each head.
    FloatRows left() {
        return (head, out) -> copy(multiply(head, right(head), false), out);
    }

    /// A row for each head.
    FloatRows right() {
        return (head, out) -> copy(right(head), out);
    }

    private float element(int core, long row, int column) {
        long bits = SplitMix.at(SplitMix.seed(seed, core), row * rank + column);
        return (bits >>> 40) * 0x1p-24f;
    }

    private double[] right(long head) {
        double[] v = new double[rank];
        Arrays.fill(v, 1);
        for (int i = 0; i < ITERATIONS; i++) {
            v = multiply(head, multiply(head, v, false), true);
        }
        return v;
    }

    /// The sum of a head's cores, or its transpose, times a vector; scaled to length 1.
    private double[] multiply(long head, double[] vector, boolean transposed) {
        double[] out = new double[rank];
        for (int core = 0; core < cores; core++) {
            for (int i = 0; i < rank; i++) {
                for (int j = 0; j < rank; j++) {
                    double element = element(core, head * rank + i, j);
                    out[transposed ? j : i] += element * vector[transposed ? i : j];
                }
            }
        }
        double length = Math.sqrt(Arrays.stream(out).map(x -> x * x).sum());
        return Arrays.stream(out).map(x -> x / length).toArray();
    }

    private static void copy(double[] from, float[] out) {
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) from[i];
        }
    }
}
