package dev.loci.kernel;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

public abstract class NormKernelContract extends KernelContract {
    private static final float EPS = 1e-5f;

    @Test
    void staysWithinTheErrorBound() {
        for (Norm.Kind kind : Norm.Kind.values()) {
            for (int dim : new int[] {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67, 130}) {
                for (int rows : new int[] {0, 1, 3}) {
                    MemorySegment x = samples.floats((long) rows * dim, 2);
                    MemorySegment weight = rows == 1 ? MemorySegment.NULL : samples.floats(dim, 1);
                    Norm norm = new Norm(kind, weight, dim, EPS);
                    MemorySegment actual = out((long) rows * dim);
                    MemorySegment expected = out((long) rows * dim);
                    kernels.norm().normalize(x, rows, norm, actual);
                    reference.norm().normalize(x, rows, norm, expected);
                    assertWithin(
                            actual,
                            expected,
                            i -> bound(Values.rows(x, i / dim, 1, 4L * dim), kind),
                            kind + " of " + dim + " columns, " + rows + " rows");
                }
            }
        }
    }

    /// The mean and the sum of squares each err by dim steps, the mean in units of the row's largest element.
    private static double bound(MemorySegment row, Norm.Kind kind) {
        float[] x = Values.f32s(row);
        double mean = 0;
        double largest = 0;
        for (float value : x) {
            mean += kind == Norm.Kind.LAYER ? (double) value / x.length : 0;
            largest = Math.max(largest, Math.abs(value));
        }
        double squares = 0;
        for (float value : x) {
            squares += (value - mean) * (value - mean) / x.length;
        }
        return (x.length + 8) * STEP * largest / Math.sqrt(squares + EPS);
    }

    @Test
    void mayWriteOverItsInput() {
        for (Norm.Kind kind : Norm.Kind.values()) {
            Norm norm = new Norm(kind, samples.floats(19, 1), 19, EPS);
            MemorySegment x = samples.floats(3 * 19, 1);
            MemorySegment inPlace = copy(x);
            MemorySegment apart = out(3 * 19);
            kernels.norm().normalize(x, 3, norm, apart);
            kernels.norm().normalize(inPlace, 3, norm, inPlace);
            assertSameBits(inPlace, apart, kind.toString());
        }
    }

    @Test
    void aRowHasTheSameBitsInEveryBatchAndOnEveryNumberOfThreads() {
        int rows = 33;
        int dim = 1027;
        Norm norm = new Norm(Norm.Kind.RMS, samples.floats(dim, 1), dim, EPS);
        MemorySegment x = samples.floats((long) rows * dim, 1);
        MemorySegment alone = out((long) rows * dim);
        for (int r = 0; r < rows; r++) {
            kernels.norm().normalize(Values.rows(x, r, 1, 4L * dim), 1, norm, Values.rows(alone, r, 1, 4L * dim));
        }
        for (int threads = 1; threads <= 3; threads++) {
            try (Kernels more = open(threads)) {
                MemorySegment batch = out((long) rows * dim);
                more.norm().normalize(x, rows, norm, batch);
                assertSameBits(batch, alone, threads + " threads");
            }
        }
    }

    @Test
    void refusesAnOutputThatIsTooSmall() {
        Norm norm = new Norm(Norm.Kind.RMS, MemorySegment.NULL, 4, EPS);
        assertRefused(() -> kernels.norm().normalize(arena.allocate(32), 2, norm, arena.allocate(28)), "out");
    }
}
