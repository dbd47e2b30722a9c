package dev.loci.kernel.ffi;

import dev.loci.kernel.Matrix;
import dev.loci.kernel.PackKernel;
import java.lang.foreign.MemorySegment;

/// `loci_pack_args`.
final class NativePack implements PackKernel {
    private static final long FROM_OFFSET = 0;
    private static final long OUT_OFFSET = FROM_OFFSET + MatrixStruct.BYTES;

    private final NativeCall call;

    NativePack(NativeCall call) {
        this.call = call;
    }

    @Override
    public void pack(Matrix from, MemorySegment out) {
        MatrixStruct.write(call, FROM_OFFSET, from);
        call.span(OUT_OFFSET, out);
        call.invoke();
    }
}
