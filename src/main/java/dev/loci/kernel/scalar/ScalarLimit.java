package dev.loci.kernel.scalar;

import dev.loci.kernel.KernelException;
import dev.loci.kernel.LimitKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

final class ScalarLimit implements LimitKernel {
    private static final String WHERE = "scalar limit";
    private static final int LINE_BYTES = 64;
    private static final int MAX_AHEAD = 1024;
    private static final int MAX_REPEATS = 1 << 20;

    @Override
    public long read(MemorySegment data) {
        Arguments.size(WHERE, "data", data, LINE_BYTES);
        multiple("data", data.byteSize(), LINE_BYTES);
        return xor(data, 0, data.byteSize());
    }

    @Override
    public long rows(MemorySegment data, int rowBytes, int stride, MemorySegment rows, int ahead) {
        Arguments.atLeast(WHERE, "row_bytes", rowBytes, LINE_BYTES);
        multiple("row_bytes", rowBytes, Long.BYTES);
        Arguments.atLeast(WHERE, "stride", stride, rowBytes);
        multiple("stride", stride, Long.BYTES);
        Arguments.range(WHERE, "ahead", ahead, 0, MAX_AHEAD);
        Arguments.size(WHERE, "data", data, rowBytes);
        Arguments.size(WHERE, "rows", rows, Integer.BYTES);
        long count = rows.byteSize() / Integer.BYTES;
        long last = (data.byteSize() - rowBytes) / stride;
        for (long i = 0; i < count; i++) {
            Arguments.range(WHERE, "rows", rows.getAtIndex(ValueLayout.JAVA_INT, i), 0, last);
        }
        long result = 0;
        for (long i = 0; i < count; i++) {
            result ^= xor(data, (long) rows.getAtIndex(ValueLayout.JAVA_INT, i) * stride, rowBytes);
        }
        return result;
    }

    @Override
    public long products(Product product, long repeats) {
        Arguments.range(WHERE, "repeats", repeats, 1, MAX_REPEATS);
        if (product != Product.F32) {
            throw KernelException.of(WHERE, "kind", "F32", product.name());
        }
        float sum = 0;
        for (long i = 0; i < repeats; i++) {
            sum = sum * 1 + 1;
        }
        return (long) sum;
    }

    private static void multiple(String what, long bytes, int of) {
        if (bytes % of != 0) {
            throw Arguments.refused(WHERE, what, "a multiple of " + of, Long.toString(bytes));
        }
    }

    private static long xor(MemorySegment data, long from, long bytes) {
        long result = 0;
        for (long at = from; at < from + bytes; at += Long.BYTES) {
            result ^= data.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
        }
        return result;
    }
}
