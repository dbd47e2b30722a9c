package dev.loci.kernel.ffi;

import dev.loci.kernel.KvPages;

/// `loci_kv`.
final class KvStruct {
    private static final long KEYS_OFFSET = 0;
    private static final long VALUES_OFFSET = KEYS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long PAGE_TABLE_OFFSET = VALUES_OFFSET + NativeCall.SPAN_BYTES;
    private static final long PAGES_OFFSET = PAGE_TABLE_OFFSET + NativeCall.SPAN_BYTES;
    private static final long SEQUENCES_OFFSET = PAGES_OFFSET + Long.BYTES;
    private static final long PAGES_PER_SEQUENCE_OFFSET = SEQUENCES_OFFSET + Integer.BYTES;
    private static final long PAGE_TOKENS_OFFSET = PAGES_PER_SEQUENCE_OFFSET + Integer.BYTES;
    private static final long KV_HEADS_OFFSET = PAGE_TOKENS_OFFSET + Integer.BYTES;
    private static final long HEAD_DIM_OFFSET = KV_HEADS_OFFSET + Integer.BYTES;
    private static final long TYPE_OFFSET = HEAD_DIM_OFFSET + Integer.BYTES;
    static final long BYTES = TYPE_OFFSET + Integer.BYTES;

    private KvStruct() {}

    static void write(NativeCall call, long offset, KvPages cache) {
        call.span(offset + KEYS_OFFSET, cache.keys());
        call.span(offset + VALUES_OFFSET, cache.values());
        call.span(offset + PAGE_TABLE_OFFSET, cache.pageTable());
        call.i64(offset + PAGES_OFFSET, cache.pages());
        call.i32(offset + SEQUENCES_OFFSET, cache.sequences());
        call.i32(offset + PAGES_PER_SEQUENCE_OFFSET, cache.pagesPerSequence());
        call.i32(offset + PAGE_TOKENS_OFFSET, cache.pageTokens());
        call.i32(offset + KV_HEADS_OFFSET, cache.kvHeads());
        call.i32(offset + HEAD_DIM_OFFSET, cache.headDim());
        call.i32(offset + TYPE_OFFSET, cache.type().code());
    }
}
