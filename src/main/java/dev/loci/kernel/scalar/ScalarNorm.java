package dev.loci.kernel.scalar;

import dev.loci.kernel.Norm;
import dev.loci.kernel.NormKernel;
import java.lang.foreign.MemorySegment;

final class ScalarNorm implements NormKernel {
    private static final String WHERE = "scalar norm";

    @Override
    public void normalize(MemorySegment x, int rows, Norm norm, MemorySegment out) {
        Arguments.atLeast(WHERE, "rows", rows, 0);
        long bytes = Arguments.bytes(Float.BYTES, rows, norm.dim());
        Arguments.size(WHERE, "x", x, bytes);
        Arguments.size(WHERE, "out", out, bytes);
        for (int r = 0; r < rows; r++) {
            double[] row = new double[norm.dim()];
            for (int d = 0; d < norm.dim(); d++) {
                row[d] = Elements.f32(x, (long) r * norm.dim() + d);
            }
            double[] normalized = Normalization.of(row, norm);
            for (int d = 0; d < norm.dim(); d++) {
                Elements.f32(out, (long) r * norm.dim() + d, normalized[d]);
            }
        }
    }
}
