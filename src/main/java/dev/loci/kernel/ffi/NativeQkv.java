package dev.loci.kernel.ffi;

import dev.loci.kernel.KvPages;
import dev.loci.kernel.Norm;
import dev.loci.kernel.QkvKernel;
import dev.loci.kernel.QkvShape;
import dev.loci.kernel.StepTokens;
import java.lang.foreign.MemorySegment;

/// `loci_qkv_args`.
final class NativeQkv implements QkvKernel {
    private static final long QKV_OFFSET = 0;
    private static final long Q_NORM_OFFSET = QKV_OFFSET + NativeCall.SPAN_BYTES;
    private static final long K_NORM_OFFSET = Q_NORM_OFFSET + NativeCall.SPAN_BYTES;
    private static final long COS_SIN_OFFSET = K_NORM_OFFSET + NativeCall.SPAN_BYTES;
    private static final long Q_OFFSET = COS_SIN_OFFSET + NativeCall.SPAN_BYTES;
    private static final long KV_OFFSET = Q_OFFSET + NativeCall.SPAN_BYTES;
    private static final long TOKENS_OFFSET = KV_OFFSET + KvStruct.BYTES;
    private static final long HEADS_OFFSET = TOKENS_OFFSET + TokensStruct.BYTES;
    private static final long POSITIONS_OFFSET = HEADS_OFFSET + Integer.BYTES;
    private static final long NORM_HEADS_OFFSET = POSITIONS_OFFSET + Integer.BYTES;
    private static final long NORM_KIND_OFFSET = NORM_HEADS_OFFSET + Integer.BYTES;
    private static final long NORM_EPS_OFFSET = NORM_KIND_OFFSET + Integer.BYTES;
    private static final long CLIP_OFFSET = NORM_EPS_OFFSET + Float.BYTES;

    private final NativeCall call;

    NativeQkv(NativeCall call) {
        this.call = call;
    }

    @Override
    public void prepare(MemorySegment qkv, QkvShape shape, StepTokens tokens, KvPages cache, MemorySegment q) {
        call.span(QKV_OFFSET, qkv);
        call.span(COS_SIN_OFFSET, shape.cosSin());
        call.span(Q_OFFSET, q);
        KvStruct.write(call, KV_OFFSET, cache);
        TokensStruct.write(call, TOKENS_OFFSET, tokens);
        call.i32(HEADS_OFFSET, shape.heads());
        call.i32(POSITIONS_OFFSET, shape.positions());
        call.f32(CLIP_OFFSET, shape.clip());
        call.i32(NORM_HEADS_OFFSET, shape.normHeads() ? 1 : 0);
        if (shape.normHeads()) {
            checkNorms(shape);
            call.span(Q_NORM_OFFSET, shape.qNorm().weight());
            call.span(K_NORM_OFFSET, shape.kNorm().weight());
            call.i32(NORM_KIND_OFFSET, shape.qNorm().kind().code());
            call.f32(NORM_EPS_OFFSET, shape.qNorm().eps());
        } else {
            call.span(Q_NORM_OFFSET, MemorySegment.NULL);
            call.span(K_NORM_OFFSET, MemorySegment.NULL);
            call.i32(NORM_KIND_OFFSET, Norm.Kind.RMS.code());
            call.f32(NORM_EPS_OFFSET, 0);
        }
        call.invoke();
    }

    /// The struct has one kind and one eps for both.
    private static void checkNorms(QkvShape shape) {
        if (shape.qNorm().kind() != shape.kNorm().kind()
                || shape.qNorm().eps() != shape.kNorm().eps()) {
            throw new IllegalArgumentException("loci_qkv, k_norm: expected the kind and eps of q_norm, "
                    + shape.qNorm().kind() + " and " + shape.qNorm().eps() + ", found "
                    + shape.kNorm().kind() + " and " + shape.kNorm().eps());
        }
    }
}
