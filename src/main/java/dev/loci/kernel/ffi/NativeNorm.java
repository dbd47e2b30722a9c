package dev.loci.kernel.ffi;

import dev.loci.kernel.Norm;
import dev.loci.kernel.NormKernel;
import java.lang.foreign.MemorySegment;

/// `loci_norm_args`.
final class NativeNorm implements NormKernel {
    private static final long X_OFFSET = 0;
    private static final long WEIGHT_OFFSET = X_OFFSET + NativeCall.SPAN_BYTES;
    private static final long OUT_OFFSET = WEIGHT_OFFSET + NativeCall.SPAN_BYTES;
    private static final long ROWS_OFFSET = OUT_OFFSET + NativeCall.SPAN_BYTES;
    private static final long DIM_OFFSET = ROWS_OFFSET + Integer.BYTES;
    private static final long KIND_OFFSET = DIM_OFFSET + Integer.BYTES;
    private static final long EPS_OFFSET = KIND_OFFSET + Integer.BYTES;

    private final NativeCall call;

    NativeNorm(NativeCall call) {
        this.call = call;
    }

    @Override
    public void normalize(MemorySegment x, int rows, Norm norm, MemorySegment out) {
        call.span(X_OFFSET, x);
        call.span(WEIGHT_OFFSET, norm.weight());
        call.span(OUT_OFFSET, out);
        call.i32(ROWS_OFFSET, rows);
        call.i32(DIM_OFFSET, norm.dim());
        call.i32(KIND_OFFSET, norm.kind().code());
        call.f32(EPS_OFFSET, norm.eps());
        call.invoke();
    }
}
