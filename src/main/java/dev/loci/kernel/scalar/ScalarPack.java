package dev.loci.kernel.scalar;

import dev.loci.kernel.Matrix;
import dev.loci.kernel.MatrixLayout;
import dev.loci.kernel.PackKernel;
import dev.loci.kernel.WeightType;
import java.lang.foreign.MemorySegment;

final class ScalarPack implements PackKernel {
    private static final String WHERE = "scalar pack";

    @Override
    public void pack(Matrix from, MemorySegment out) {
        WeightType type = from.type();
        if (type == WeightType.F32 || from.layout() != MatrixLayout.ROWS) {
            throw Arguments.refused(WHERE, "matrix", "BF16 or INT8 in ROWS", type + " in " + from.layout());
        }
        int columns = from.columns();
        Arguments.size(WHERE, "out", out, MatrixLayout.PANELS.bytes(type, from.rows(), columns));
        out.asSlice(0, MatrixLayout.PANELS.bytes(type, from.rows(), columns)).fill((byte) 0);
        for (int r = 0; r < from.rows(); r++) {
            for (int c = 0; c < columns; c++) {
                long source = MatrixLayout.ROWS.offset(type, columns, r, c);
                long target = MatrixLayout.PANELS.offset(type, columns, r, c);
                MemorySegment.copy(from.data(), source, out, target, type.elementBytes());
            }
        }
    }
}
