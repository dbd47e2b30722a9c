package dev.loci.kernel.scalar;

import dev.loci.kernel.AttentionKernel;
import dev.loci.kernel.KvPages;
import dev.loci.kernel.StepTokens;
import java.lang.foreign.MemorySegment;

final class ScalarAttention implements AttentionKernel {
    private static final String WHERE = "scalar attention";

    @Override
    public void attend(MemorySegment q, int heads, StepTokens tokens, KvPages cache, MemorySegment out) {
        KvCache.check(WHERE, cache, heads);
        KvCache.check(WHERE, tokens, cache, true);
        long bytes = Arguments.bytes(Float.BYTES, tokens.count(), heads, cache.headDim());
        Arguments.size(WHERE, "q", q, bytes);
        Arguments.size(WHERE, "out", out, bytes);
        for (int t = 0; t < tokens.count(); t++) {
            for (int a = 0; a < heads; a++) {
                attend(q, (long) t * heads + a, a / (heads / cache.kvHeads()), tokens, t, cache, out);
            }
        }
    }

    private static void attend(
            MemorySegment q, long head, int kvHead, StepTokens tokens, int token, KvPages cache, MemorySegment out) {
        int headDim = cache.headDim();
        int sequence = Elements.i32(tokens.sequences(), token);
        int count = Elements.i32(tokens.positions(), token) + 1;
        double[] scores = new double[count];
        double max = Double.NEGATIVE_INFINITY;
        for (int p = 0; p < count; p++) {
            long offset = KvCache.offset(cache, sequence, kvHead, p);
            double sum = 0;
            for (int d = 0; d < headDim; d++) {
                sum += Elements.f32(q, head * headDim + d) * KvCache.read(cache, cache.keys(), offset, d);
            }
            scores[p] = sum / Math.sqrt(headDim);
            max = Math.max(max, scores[p]);
        }
        double total = 0;
        for (int p = 0; p < count; p++) {
            scores[p] = Math.exp(scores[p] - max);
            total += scores[p];
        }
        for (int d = 0; d < headDim; d++) {
            double sum = 0;
            for (int p = 0; p < count; p++) {
                long offset = KvCache.offset(cache, sequence, kvHead, p);
                sum += scores[p] / total * KvCache.read(cache, cache.values(), offset, d);
            }
            Elements.f32(out, head * headDim + d, sum);
        }
    }

    @Override
    public void foresee(StepTokens tokens, KvPages next) {}
}
