package dev.loci.kernel;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

public abstract class PackKernelContract extends KernelContract {
    private static final int[] SIZES = {1, 2, 3, 4, 5, 16, 31, 63, 64, 65, 127, 128, 129, 200};

    @Test
    void laysOutTheBytesOfTheReference() {
        for (WeightType type : new WeightType[] {WeightType.BF16, WeightType.INT8}) {
            for (int rows : SIZES) {
                for (int columns : SIZES) {
                    Matrix from =
                            SampleMatrix.of(arena, samples, type, rows, columns).matrix();
                    long bytes = MatrixLayout.PANELS.bytes(type, rows, columns);
                    MemorySegment actual = outBytes(bytes);
                    MemorySegment expected = outBytes(bytes);
                    kernels.pack().pack(from, actual);
                    reference.pack().pack(from, expected);
                    assertSameBits(actual, expected, type + " " + rows + " x " + columns);
                }
            }
        }
    }

    @Test
    void refusesWhatItCannotLayOut() {
        SampleMatrix int8 = SampleMatrix.of(arena, samples, WeightType.INT8, 3, 5);
        long bytes = MatrixLayout.PANELS.bytes(WeightType.INT8, 3, 5);
        MemorySegment out = outBytes(bytes);
        Matrix f32 = SampleMatrix.of(arena, samples, WeightType.F32, 3, 5).matrix();
        PackKernel pack = kernels.pack();
        assertRefused(() -> pack.pack(f32, out), "f32");
        assertRefused(() -> pack.pack(int8.inPanels(arena, reference).matrix(), out), "panels");
        assertRefused(() -> pack.pack(int8.matrix(), out.asSlice(1)), "out");
        assertRefused(() -> pack.pack(int8.matrix(), MemorySegment.ofArray(new byte[(int) bytes])), "heap");
    }
}
