package dev.loci.kernel.ffi;

import dev.loci.kernel.AttentionKernel;
import dev.loci.kernel.KvPages;
import dev.loci.kernel.StepTokens;
import java.lang.foreign.MemorySegment;

/// `loci_attention_args` and `loci_foresee_args`.
final class NativeAttention implements AttentionKernel {
    private static final long Q_OFFSET = 0;
    private static final long OUT_OFFSET = Q_OFFSET + NativeCall.SPAN_BYTES;
    private static final long KV_OFFSET = OUT_OFFSET + NativeCall.SPAN_BYTES;
    private static final long TOKENS_OFFSET = KV_OFFSET + KvStruct.BYTES;
    private static final long HEADS_OFFSET = TOKENS_OFFSET + TokensStruct.BYTES;

    private final NativeCall call;
    private final NativeCall foresee;

    NativeAttention(NativeCall call, NativeCall foresee) {
        this.call = call;
        this.foresee = foresee;
    }

    @Override
    public void attend(MemorySegment q, int heads, StepTokens tokens, KvPages cache, MemorySegment out) {
        call.span(Q_OFFSET, q);
        call.span(OUT_OFFSET, out);
        KvStruct.write(call, KV_OFFSET, cache);
        TokensStruct.write(call, TOKENS_OFFSET, tokens);
        call.i32(HEADS_OFFSET, heads);
        call.invoke();
    }

    @Override
    public void foresee(StepTokens tokens, KvPages next) {
        KvStruct.write(foresee, 0, next);
        TokensStruct.write(foresee, KvStruct.BYTES, tokens);
        foresee.invoke();
    }
}
