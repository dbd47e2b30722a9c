package dev.loci.kernel.scalar;

import dev.loci.kernel.EmbedKernel;
import dev.loci.kernel.Matrix;
import dev.loci.kernel.MatrixLayout;
import java.lang.foreign.MemorySegment;

final class ScalarEmbed implements EmbedKernel {
    private static final String WHERE = "scalar embed";

    @Override
    public void embed(Matrix table, MemorySegment ids, int tokens, MemorySegment out) {
        Arguments.atLeast(WHERE, "tokens", tokens, 0);
        if (table.layout() != MatrixLayout.ROWS) {
            throw Arguments.refused(
                    WHERE, "table layout", "ROWS", table.layout().name());
        }
        Arguments.size(WHERE, "ids", ids, Arguments.bytes(Integer.BYTES, tokens));
        Arguments.size(WHERE, "out", out, Arguments.bytes(Float.BYTES, tokens, table.columns()));
        for (int t = 0; t < tokens; t++) {
            Arguments.range(WHERE, "id of token " + t, Elements.i32(ids, t), 0, table.rows() - 1);
        }
        for (int t = 0; t < tokens; t++) {
            for (int c = 0; c < table.columns(); c++) {
                Elements.f32(out, (long) t * table.columns() + c, MatrixReader.at(table, Elements.i32(ids, t), c));
            }
        }
    }
}
