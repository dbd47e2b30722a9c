package dev.loci.kernel.ffi;

import dev.loci.kernel.Activations;
import dev.loci.kernel.MatMulKernel;
import dev.loci.kernel.Matrix;
import java.lang.foreign.MemorySegment;

/// `loci_matmul_args`.
final class NativeMatMul implements MatMulKernel {
    private static final long X_OFFSET = 0;
    private static final long WEIGHTS_OFFSET = X_OFFSET + NativeCall.SPAN_BYTES;
    private static final long OUT_OFFSET = WEIGHTS_OFFSET + MatrixStruct.BYTES;
    private static final long TOKENS_OFFSET = OUT_OFFSET + NativeCall.SPAN_BYTES;
    private static final long ACTIVATIONS_OFFSET = TOKENS_OFFSET + Integer.BYTES;
    private static final long ADD_OFFSET = ACTIVATIONS_OFFSET + Integer.BYTES;
    private static final long SWIGLU_OFFSET = ADD_OFFSET + Integer.BYTES;

    private final NativeCall call;

    NativeMatMul(NativeCall call) {
        this.call = call;
    }

    @Override
    public void multiply(
            MemorySegment x, int tokens, Matrix weights, Activations activations, MemorySegment out, boolean add) {
        invoke(x, tokens, weights, activations, out, add, false);
    }

    @Override
    public void multiplySwiglu(
            MemorySegment x, int tokens, Matrix weights, Activations activations, MemorySegment out) {
        invoke(x, tokens, weights, activations, out, false, true);
    }

    private void invoke(
            MemorySegment x,
            int tokens,
            Matrix weights,
            Activations activations,
            MemorySegment out,
            boolean add,
            boolean swiglu) {
        call.span(X_OFFSET, x);
        MatrixStruct.write(call, WEIGHTS_OFFSET, weights);
        call.span(OUT_OFFSET, out);
        call.i32(TOKENS_OFFSET, tokens);
        call.i32(ACTIVATIONS_OFFSET, activations.code());
        call.i32(ADD_OFFSET, add ? 1 : 0);
        call.i32(SWIGLU_OFFSET, swiglu ? 1 : 0);
        call.invoke();
    }
}
