package dev.loci.kernel.ffi;

import dev.loci.kernel.Hits;
import dev.loci.kernel.PoolKernel;
import dev.loci.kernel.TableRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// `loci_pool_args`.
final class NativePool implements PoolKernel {
    private static final long PARTS_OFFSET = 0;
    private static final long ROWS_OFFSET = PARTS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long GROUPS_OFFSET = ROWS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long WEIGHTS_OFFSET = GROUPS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long OUT_OFFSET = WEIGHTS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long UNIQUE_ROWS_OFFSET = OUT_OFFSET + NativeCall.SPAN_BYTES;
    private static final long STRIDE_OFFSET = UNIQUE_ROWS_OFFSET + ValueLayout.ADDRESS.byteSize();
    private static final long PART_COUNT_OFFSET = STRIDE_OFFSET + Long.BYTES;
    private static final long DIM_OFFSET = PART_COUNT_OFFSET + Integer.BYTES;
    private static final long TYPE_OFFSET = DIM_OFFSET + Integer.BYTES;
    private static final long TOKENS_OFFSET = TYPE_OFFSET + Integer.BYTES;
    private static final long HITS_OFFSET = TOKENS_OFFSET + Integer.BYTES;
    private static final long CORE_COUNT_OFFSET = HITS_OFFSET + Integer.BYTES;
    private static final long GROUP_COUNT_OFFSET = CORE_COUNT_OFFSET + Integer.BYTES;

    private final NativeCall call;
    private final TableParts parts;
    private final MemorySegment uniqueRows;

    /// @param arena owns what the call counts into
    NativePool(NativeCall call, TableParts parts, Arena arena) {
        this.uniqueRows = arena.allocate(ValueLayout.JAVA_LONG);
        this.call = call;
        this.parts = parts;
    }

    @Override
    public long pool(TableRows table, Hits hits, int tokens, int groups, MemorySegment out) {
        call.span(PARTS_OFFSET, parts.of(table));
        call.span(ROWS_OFFSET, hits.rows());
        call.span(GROUPS_OFFSET, hits.groups());
        call.span(WEIGHTS_OFFSET, hits.weights());
        call.span(OUT_OFFSET, out);
        call.pointer(UNIQUE_ROWS_OFFSET, uniqueRows);
        call.i64(STRIDE_OFFSET, table.stride());
        call.i32(PART_COUNT_OFFSET, table.parts().size());
        call.i32(DIM_OFFSET, table.dim());
        call.i32(TYPE_OFFSET, table.type().code());
        call.i32(TOKENS_OFFSET, tokens);
        call.i32(HITS_OFFSET, hits.hits());
        call.i32(CORE_COUNT_OFFSET, hits.coreCount());
        call.i32(GROUP_COUNT_OFFSET, groups);
        call.invoke();
        return uniqueRows.get(ValueLayout.JAVA_LONG, 0);
    }
}
