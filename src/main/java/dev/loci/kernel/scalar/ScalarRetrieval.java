package dev.loci.kernel.scalar;

import dev.loci.kernel.Hits;
import dev.loci.kernel.RetrievalKernel;
import dev.loci.kernel.RetrievalKeys;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

final class ScalarRetrieval implements RetrievalKernel {
    private static final String WHERE = "scalar retrieval";
    private static final int MAX_AXIS_KEYS = 46_340;
    private static final int MAX_RANK = 8;
    private static final int MAX_CORES = 8;
    private static final int MAX_TOP = 1024;

    @Override
    public void retrieve(MemorySegment queries, int tokens, RetrievalKeys keys, Hits hits) {
        check(queries, tokens, keys, hits);
        List<RetrievalHead.Hit> found = new ArrayList<>();
        for (int t = 0; t < tokens; t++) {
            for (int a = 0; a < keys.heads(); a++) {
                found.addAll(new RetrievalHead(keys, a).hits(queries, t));
            }
        }
        long ids = Math.multiplyExact(keys.groups(), keys.tableRows());
        for (RetrievalHead.Hit hit : found) {
            Arguments.range(WHERE, "shuffle[" + hit.slot() + "]", hit.id(keys), 0, ids - 1);
        }
        for (int k = 0; k < found.size(); k++) {
            RetrievalHead.Hit hit = found.get(k);
            Elements.i32(hits.rows(), k, Math.toIntExact(hit.id(keys) % keys.tableRows()));
            Elements.i32(hits.groups(), k, Math.toIntExact(hit.id(keys) / keys.tableRows()));
            for (int c = 0; c < keys.coreCount(); c++) {
                Elements.f32(
                        hits.weights(),
                        (long) k * keys.coreCount() + c,
                        hit.weights().get(c));
            }
        }
    }

    private static void check(MemorySegment queries, int tokens, RetrievalKeys keys, Hits hits) {
        Arguments.atLeast(WHERE, "tokens", tokens, 0);
        Arguments.atLeast(WHERE, "heads", keys.heads(), 1);
        Arguments.range(WHERE, "axisKeys", keys.axisKeys(), 1, MAX_AXIS_KEYS);
        Arguments.atLeast(WHERE, "keyDim", keys.keyDim(), 1);
        Arguments.range(WHERE, "rank", keys.rank(), 1, MAX_RANK);
        Arguments.range(WHERE, "coreCount", keys.coreCount(), 1, MAX_CORES);
        Arguments.range(WHERE, "top", keys.top(), 1, Math.min(keys.axisKeys(), MAX_TOP));
        Arguments.atLeast(WHERE, "groups", keys.groups(), 1);
        Arguments.atLeast(WHERE, "tableRows", keys.tableRows(), 1);
        Arguments.range(WHERE, "hits", hits.hits(), keys.hits(), keys.hits());
        Arguments.range(WHERE, "hits coreCount", hits.coreCount(), keys.coreCount(), keys.coreCount());
        long heads = keys.heads();
        long rank = keys.rank();
        long f32 = Float.BYTES;
        size("queries", queries, Arguments.bytes(f32, tokens, 2, keys.keyDim()));
        long keyBytes = RetrievalKeys.matrixBytes(keys.keyType(), keys.axisKeys(), keys.rank(), keys.keyDim());
        size("keys", keys.keys(), Arguments.bytes(keyBytes, heads, 2));
        size("u", keys.u(), Arguments.bytes(f32, heads, rank));
        size("v", keys.v(), Arguments.bytes(f32, heads, rank));
        size("cores", keys.cores(), Arguments.bytes(f32, keys.coreCount(), heads, rank, rank));
        size("shuffle", keys.shuffle(), Arguments.bytes(Integer.BYTES, keys.axisKeys(), keys.axisKeys()));
        size("rows", hits.rows(), Arguments.bytes(Integer.BYTES, tokens, keys.hits()));
        size("groups", hits.groups(), Arguments.bytes(Integer.BYTES, tokens, keys.hits()));
        size("weights", hits.weights(), Arguments.bytes(f32, tokens, keys.hits(), keys.coreCount()));
    }

    private static void size(String what, MemorySegment segment, long bytes) {
        Arguments.size(WHERE, what, segment, bytes);
    }
}
