package dev.loci.kernel.scalar;

import dev.loci.kernel.KvPages;
import dev.loci.kernel.StepTokens;
import java.lang.foreign.MemorySegment;

/// Rows of the paged cache as numbers.
final class KvCache {
    private static final int MAX_HEAD_DIM = 512;

    private KvCache() {}

    static void check(String where, KvPages cache, int heads) {
        Arguments.range(where, "cache headDim", cache.headDim(), 2, MAX_HEAD_DIM);
        if (cache.headDim() % 2 != 0) {
            throw Arguments.refused(where, "cache headDim", "an even number", Integer.toString(cache.headDim()));
        }
        Arguments.atLeast(where, "cache kvHeads", cache.kvHeads(), 1);
        if (heads < 1 || heads % cache.kvHeads() != 0) {
            throw Arguments.refused(where, "heads", "a multiple of " + cache.kvHeads(), Integer.toString(heads));
        }
        if (Integer.bitCount(cache.pageTokens()) != 1 || cache.pageTokens() < 1) {
            throw Arguments.refused(where, "cache pageTokens", "a power of two", Integer.toString(cache.pageTokens()));
        }
        Arguments.atLeast(where, "cache pages", cache.pages(), 0);
        Arguments.atLeast(where, "cache sequences", cache.sequences(), 0);
        Arguments.atLeast(where, "cache pagesPerSequence", cache.pagesPerSequence(), 0);
        long bytes = Arguments.bytes(
                cache.type().rowBytes(cache.headDim()), cache.pages(), cache.kvHeads(), cache.pageTokens());
        Arguments.size(where, "cache keys", cache.keys(), bytes);
        Arguments.size(where, "cache values", cache.values(), bytes);
        Arguments.size(
                where,
                "cache pageTable",
                cache.pageTable(),
                Arguments.bytes(Integer.BYTES, cache.sequences(), cache.pagesPerSequence()));
    }

    /// @param fromStart whether every page up to a token's own is used, not only its own
    static void check(String where, StepTokens tokens, KvPages cache, boolean fromStart) {
        Arguments.atLeast(where, "tokens count", tokens.count(), 0);
        long bytes = Arguments.bytes(Integer.BYTES, tokens.count());
        Arguments.size(where, "tokens positions", tokens.positions(), bytes);
        Arguments.size(where, "tokens sequences", tokens.sequences(), bytes);
        long limit = Math.multiplyExact((long) cache.pagesPerSequence(), cache.pageTokens());
        for (int t = 0; t < tokens.count(); t++) {
            int position = Elements.i32(tokens.positions(), t);
            int sequence = Elements.i32(tokens.sequences(), t);
            Arguments.range(where, "position of token " + t, position, 0, limit - 1);
            Arguments.range(where, "sequence of token " + t, sequence, 0, cache.sequences() - 1);
            int last = position / cache.pageTokens();
            for (int p = fromStart ? 0 : last; p <= last; p++) {
                Arguments.range(
                        where,
                        "page " + p + " of sequence " + sequence,
                        page(cache, sequence, p),
                        0,
                        cache.pages() - 1);
            }
        }
    }

    /// Where a row starts in `keys` and in `values`, in bytes.
    static long offset(KvPages cache, int sequence, int head, int position) {
        long page = page(cache, sequence, position / cache.pageTokens());
        long row = (page * cache.kvHeads() + head) * cache.pageTokens() + position % cache.pageTokens();
        return row * cache.type().rowBytes(cache.headDim());
    }

    static double read(KvPages cache, MemorySegment rows, long offset, int column) {
        return switch (cache.type()) {
            case F32 -> Elements.f32At(rows, offset + (long) column * Float.BYTES);
            case BF16 -> Elements.bf16At(rows, offset + (long) column * Short.BYTES);
            case F16 -> Elements.f16At(rows, offset + (long) column * Short.BYTES);
            case INT8 -> (double) Elements.f32At(rows, offset + cache.headDim()) * Elements.i8At(rows, offset + column);
        };
    }

    static void write(KvPages cache, MemorySegment rows, long offset, float[] row) {
        switch (cache.type()) {
            case F32 -> {
                for (int d = 0; d < row.length; d++) {
                    Elements.f32At(rows, offset + (long) d * Float.BYTES, row[d]);
                }
            }
            case BF16 -> {
                for (int d = 0; d < row.length; d++) {
                    Elements.bf16At(rows, offset + (long) d * Short.BYTES, row[d]);
                }
            }
            case F16 -> {
                for (int d = 0; d < row.length; d++) {
                    Elements.f16At(rows, offset + (long) d * Short.BYTES, row[d]);
                }
            }
            case INT8 -> {
                Quantized quantized = Quantized.of(row);
                for (int d = 0; d < row.length; d++) {
                    Elements.i8At(rows, offset + d, quantized.values()[d]);
                }
                Elements.f32At(rows, offset + row.length, quantized.scale());
            }
        }
    }

    private static int page(KvPages cache, int sequence, int page) {
        return Elements.i32(cache.pageTable(), (long) sequence * cache.pagesPerSequence() + page);
    }
}
