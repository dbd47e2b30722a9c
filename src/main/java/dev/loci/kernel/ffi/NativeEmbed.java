package dev.loci.kernel.ffi;

import dev.loci.kernel.EmbedKernel;
import dev.loci.kernel.Matrix;
import java.lang.foreign.MemorySegment;

/// `loci_embed_args`.
final class NativeEmbed implements EmbedKernel {
    private static final long TABLE_OFFSET = 0;
    private static final long IDS_OFFSET = TABLE_OFFSET + MatrixStruct.BYTES;
    private static final long OUT_OFFSET = IDS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long TOKENS_OFFSET = OUT_OFFSET + NativeCall.SPAN_BYTES;

    private final NativeCall call;

    NativeEmbed(NativeCall call) {
        this.call = call;
    }

    @Override
    public void embed(Matrix table, MemorySegment ids, int tokens, MemorySegment out) {
        MatrixStruct.write(call, TABLE_OFFSET, table);
        call.span(IDS_OFFSET, ids);
        call.span(OUT_OFFSET, out);
        call.i32(TOKENS_OFFSET, tokens);
        call.invoke();
    }
}
