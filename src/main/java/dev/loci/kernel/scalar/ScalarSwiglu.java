package dev.loci.kernel.scalar;

import dev.loci.kernel.SwigluKernel;
import java.lang.foreign.MemorySegment;

final class ScalarSwiglu implements SwigluKernel {
    private static final String WHERE = "scalar swiglu";

    @Override
    public void activate(MemorySegment x, int tokens, int inner, MemorySegment out) {
        Arguments.atLeast(WHERE, "tokens", tokens, 0);
        Arguments.atLeast(WHERE, "inner", inner, 1);
        Arguments.size(WHERE, "x", x, Arguments.bytes(Float.BYTES, tokens, 2, inner));
        Arguments.size(WHERE, "out", out, Arguments.bytes(Float.BYTES, tokens, inner));
        for (int t = 0; t < tokens; t++) {
            for (int i = 0; i < inner; i++) {
                double linear = Elements.f32(x, 2L * t * inner + i);
                double gate = Elements.f32(x, 2L * t * inner + inner + i);
                Elements.f32(out, (long) t * inner + i, gate / (1 + Math.exp(-gate)) * linear);
            }
        }
    }
}
