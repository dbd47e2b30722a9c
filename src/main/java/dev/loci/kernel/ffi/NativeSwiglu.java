package dev.loci.kernel.ffi;

import dev.loci.kernel.SwigluKernel;
import java.lang.foreign.MemorySegment;

/// `loci_swiglu_args`.
final class NativeSwiglu implements SwigluKernel {
    private static final long X_OFFSET = 0;
    private static final long OUT_OFFSET = X_OFFSET + NativeCall.SPAN_BYTES;
    private static final long TOKENS_OFFSET = OUT_OFFSET + NativeCall.SPAN_BYTES;
    private static final long INNER_OFFSET = TOKENS_OFFSET + Integer.BYTES;

    private final NativeCall call;

    NativeSwiglu(NativeCall call) {
        this.call = call;
    }

    @Override
    public void activate(MemorySegment x, int tokens, int inner, MemorySegment out) {
        call.span(X_OFFSET, x);
        call.span(OUT_OFFSET, out);
        call.i32(TOKENS_OFFSET, tokens);
        call.i32(INNER_OFFSET, inner);
        call.invoke();
    }
}
