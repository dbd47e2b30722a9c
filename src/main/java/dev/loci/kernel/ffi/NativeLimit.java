package dev.loci.kernel.ffi;

import dev.loci.kernel.LimitKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// `loci_limit_args`.
final class NativeLimit implements LimitKernel {
    private static final long DATA_OFFSET = 0;
    private static final long ROWS_OFFSET = DATA_OFFSET + NativeCall.SPAN_BYTES;
    private static final long RESULT_OFFSET = ROWS_OFFSET + NativeCall.SPAN_BYTES;
    private static final long REPEATS_OFFSET = RESULT_OFFSET + ValueLayout.ADDRESS.byteSize();
    private static final long KIND_OFFSET = REPEATS_OFFSET + Long.BYTES;
    private static final long ROW_BYTES_OFFSET = KIND_OFFSET + Integer.BYTES;
    private static final long AHEAD_OFFSET = ROW_BYTES_OFFSET + Integer.BYTES;
    private static final long STRIDE_OFFSET = AHEAD_OFFSET + Integer.BYTES;
    private static final int READ = 0;
    private static final int ROWS = 1;

    private final NativeCall call;
    private final MemorySegment result;

    NativeLimit(NativeCall call, Arena arena) {
        this.call = call;
        this.result = arena.allocate(ValueLayout.JAVA_LONG);
    }

    @Override
    public long read(MemorySegment data) {
        call.span(DATA_OFFSET, data);
        return invoke(READ);
    }

    @Override
    public long rows(MemorySegment data, int rowBytes, int stride, MemorySegment rows, int ahead) {
        call.span(DATA_OFFSET, data);
        call.span(ROWS_OFFSET, rows);
        call.i32(ROW_BYTES_OFFSET, rowBytes);
        call.i32(AHEAD_OFFSET, ahead);
        call.i32(STRIDE_OFFSET, stride);
        return invoke(ROWS);
    }

    @Override
    public long products(Product product, long repeats) {
        call.i64(REPEATS_OFFSET, repeats);
        return invoke(product.code());
    }

    private long invoke(int kind) {
        call.pointer(RESULT_OFFSET, result);
        call.i32(KIND_OFFSET, kind);
        call.invoke();
        return result.get(ValueLayout.JAVA_LONG, 0);
    }
}
