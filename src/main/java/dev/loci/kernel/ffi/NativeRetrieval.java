package dev.loci.kernel.ffi;

import dev.loci.kernel.Hits;
import dev.loci.kernel.RetrievalKernel;
import dev.loci.kernel.RetrievalKeys;
import java.lang.foreign.MemorySegment;

/// `loci_retrieve_args`.
final class NativeRetrieval implements RetrievalKernel {
    private static final long QUERIES_OFFSET = 0;
    private static final long KEYS_OFFSET = QUERIES_OFFSET + NativeCall.SPAN_BYTES;
    private static final long U_OFFSET = KEYS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long V_OFFSET = U_OFFSET + NativeCall.SPAN_BYTES;
    private static final long CORES_OFFSET = V_OFFSET + NativeCall.SPAN_BYTES;
    private static final long SHUFFLE_OFFSET = CORES_OFFSET + NativeCall.SPAN_BYTES;
    private static final long ROWS_OFFSET = SHUFFLE_OFFSET + NativeCall.SPAN_BYTES;
    private static final long GROUPS_OFFSET = ROWS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long WEIGHTS_OFFSET = GROUPS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long TABLE_ROWS_OFFSET = WEIGHTS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long TOKENS_OFFSET = TABLE_ROWS_OFFSET + Long.BYTES;
    private static final long HEADS_OFFSET = TOKENS_OFFSET + Integer.BYTES;
    private static final long AXIS_KEYS_OFFSET = HEADS_OFFSET + Integer.BYTES;
    private static final long KEY_DIM_OFFSET = AXIS_KEYS_OFFSET + Integer.BYTES;
    private static final long RANK_OFFSET = KEY_DIM_OFFSET + Integer.BYTES;
    private static final long CORE_COUNT_OFFSET = RANK_OFFSET + Integer.BYTES;
    private static final long TOP_OFFSET = CORE_COUNT_OFFSET + Integer.BYTES;
    private static final long GROUP_COUNT_OFFSET = TOP_OFFSET + Integer.BYTES;
    private static final long KEY_TYPE_OFFSET = GROUP_COUNT_OFFSET + Integer.BYTES;

    private final NativeCall call;

    NativeRetrieval(NativeCall call) {
        this.call = call;
    }

    @Override
    public void retrieve(MemorySegment queries, int tokens, RetrievalKeys keys, Hits hits) {
        if (hits.hits() != keys.hits() || hits.coreCount() != keys.coreCount()) {
            throw new IllegalArgumentException("loci_retrieve, hits: expected " + keys.hits() + " of "
                    + keys.coreCount() + " cores, found " + hits.hits() + " of " + hits.coreCount());
        }
        call.span(QUERIES_OFFSET, queries);
        call.span(KEYS_OFFSET, keys.keys());
        call.span(U_OFFSET, keys.u());
        call.span(V_OFFSET, keys.v());
        call.span(CORES_OFFSET, keys.cores());
        call.span(SHUFFLE_OFFSET, keys.shuffle());
        call.span(ROWS_OFFSET, hits.rows());
        call.span(GROUPS_OFFSET, hits.groups());
        call.span(WEIGHTS_OFFSET, hits.weights());
        call.i64(TABLE_ROWS_OFFSET, keys.tableRows());
        call.i32(TOKENS_OFFSET, tokens);
        call.i32(HEADS_OFFSET, keys.heads());
        call.i32(AXIS_KEYS_OFFSET, keys.axisKeys());
        call.i32(KEY_DIM_OFFSET, keys.keyDim());
        call.i32(RANK_OFFSET, keys.rank());
        call.i32(CORE_COUNT_OFFSET, keys.coreCount());
        call.i32(TOP_OFFSET, keys.top());
        call.i32(GROUP_COUNT_OFFSET, keys.groups());
        call.i32(KEY_TYPE_OFFSET, keys.keyType().code());
        call.invoke();
    }
}
