package dev.loci.kernel;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

public abstract class SwigluKernelContract extends KernelContract {
    /// exp of an argument up to 100, which itself is rounded to a step, may be off by that many steps; a few for the
    /// rest.
    private static final double STEPS = 110;

    @Test
    void staysWithinTheErrorBound() {
        for (float spread : new float[] {1, 10, 100}) {
            for (int inner : new int[] {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 70}) {
                for (int tokens : new int[] {0, 1, 3}) {
                    MemorySegment x = samples.floats(2L * tokens * inner, spread);
                    MemorySegment actual = out((long) tokens * inner);
                    MemorySegment expected = out((long) tokens * inner);
                    kernels.swiglu().activate(x, tokens, inner, actual);
                    reference.swiglu().activate(x, tokens, inner, expected);
                    assertWithin(
                            actual,
                            expected,
                            i -> STEPS * STEP * Math.abs(Values.f32(expected, i)) + spread * spread * Float.MIN_NORMAL,
                            inner + " columns, " + tokens + " tokens, up to " + spread);
                }
            }
        }
    }

    @Test
    void aTokenHasTheSameBitsInEveryBatchAndOnEveryNumberOfThreads() {
        int tokens = 33;
        int inner = 1027;
        MemorySegment x = samples.floats(2L * tokens * inner, 4);
        MemorySegment alone = out((long) tokens * inner);
        for (int t = 0; t < tokens; t++) {
            MemorySegment out = Values.rows(alone, t, 1, 4L * inner);
            kernels.swiglu().activate(Values.rows(x, t, 1, 8L * inner), 1, inner, out);
        }
        for (int threads = 1; threads <= 3; threads++) {
            try (Kernels more = open(threads)) {
                MemorySegment batch = out((long) tokens * inner);
                more.swiglu().activate(x, tokens, inner, batch);
                assertSameBits(batch, alone, threads + " threads");
            }
        }
    }

    @Test
    void refusesAnInputThatIsTooSmall() {
        assertRefused(() -> kernels.swiglu().activate(arena.allocate(28), 1, 4, arena.allocate(16)), "x");
    }
}
