package dev.loci.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

public abstract class EmbedKernelContract extends KernelContract {
    @Test
    void hasTheBitsOfTheReference() {
        for (WeightType type : WeightType.values()) {
            for (int columns : new int[] {1, 3, 4, 7, 8, 9, 15, 16, 17, 33, 70}) {
                for (int tokens : new int[] {0, 1, 2, 5}) {
                    Matrix table =
                            SampleMatrix.of(arena, samples, type, 11, columns).matrix();
                    MemorySegment ids = samples.ints(tokens, 11);
                    MemorySegment actual = out((long) tokens * columns);
                    MemorySegment expected = out((long) tokens * columns);
                    kernels.embed().embed(table, ids, tokens, actual);
                    reference.embed().embed(table, ids, tokens, expected);
                    assertSameBits(actual, expected, type + " of " + columns + " columns, " + tokens + " tokens");
                }
            }
        }
    }

    @Test
    void refusesIdsOutsideTheTable() {
        Matrix table = SampleMatrix.of(arena, samples, WeightType.F32, 3, 4).matrix();
        MemorySegment out = out(2 * 4);
        for (int bad : new int[] {-1, 3}) {
            assertRefused(() -> kernels.embed().embed(table, Values.i32(arena, 0, bad), 2, out), "id " + bad);
        }
        assertRefused(() -> kernels.embed().embed(table, Values.i32(arena, 0), 2, out), "ids too few");
        assertThat(Values.f32s(out)).containsOnly(Float.NaN);
    }
}
