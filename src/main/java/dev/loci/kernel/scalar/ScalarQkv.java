package dev.loci.kernel.scalar;

import dev.loci.kernel.KvPages;
import dev.loci.kernel.Norm;
import dev.loci.kernel.QkvKernel;
import dev.loci.kernel.QkvShape;
import dev.loci.kernel.StepTokens;
import java.lang.foreign.MemorySegment;

final class ScalarQkv implements QkvKernel {
    private static final String WHERE = "scalar qkv";

    @Override
    public void prepare(MemorySegment qkv, QkvShape shape, StepTokens tokens, KvPages cache, MemorySegment q) {
        check(qkv, shape, tokens, cache, q);
        int headDim = cache.headDim();
        int parts = shape.heads() + 2 * cache.kvHeads();
        for (int t = 0; t < tokens.count(); t++) {
            int position = Elements.i32(tokens.positions(), t);
            int sequence = Elements.i32(tokens.sequences(), t);
            for (int a = 0; a < shape.heads(); a++) {
                double[] row = clipped(qkv, (long) t * parts + a, headDim, shape.clip());
                float[] query = rotated(shape, shape.qNorm(), row, position);
                for (int d = 0; d < headDim; d++) {
                    Elements.f32(q, ((long) t * shape.heads() + a) * headDim + d, query[d]);
                }
            }
            for (int b = 0; b < cache.kvHeads(); b++) {
                long offset = KvCache.offset(cache, sequence, b, position);
                long part = (long) t * parts + shape.heads() + b;
                double[] key = clipped(qkv, part, headDim, shape.clip());
                KvCache.write(cache, cache.keys(), offset, rotated(shape, shape.kNorm(), key, position));
                double[] value = clipped(qkv, part + cache.kvHeads(), headDim, shape.clip());
                KvCache.write(cache, cache.values(), offset, floats(value));
            }
        }
    }

    private static void check(MemorySegment qkv, QkvShape shape, StepTokens tokens, KvPages cache, MemorySegment q) {
        KvCache.check(WHERE, cache, shape.heads());
        KvCache.check(WHERE, tokens, cache, false);
        int headDim = cache.headDim();
        long parts = shape.heads() + 2L * cache.kvHeads();
        Arguments.size(WHERE, "qkv", qkv, Arguments.bytes(Float.BYTES, tokens.count(), parts, headDim));
        Arguments.size(WHERE, "q", q, Arguments.bytes(Float.BYTES, tokens.count(), shape.heads(), headDim));
        Arguments.atLeast(WHERE, "positions", shape.positions(), 0);
        Arguments.size(WHERE, "cosSin", shape.cosSin(), Arguments.bytes(Float.BYTES, shape.positions(), headDim));
        if (!(shape.clip() > 0)) {
            throw Arguments.refused(WHERE, "clip", "more than 0", Float.toString(shape.clip()));
        }
        if (shape.normHeads()) {
            Arguments.range(WHERE, "qNorm dim", shape.qNorm().dim(), headDim, headDim);
            Arguments.range(WHERE, "kNorm dim", shape.kNorm().dim(), headDim, headDim);
        }
        for (int t = 0; t < tokens.count(); t++) {
            Arguments.range(
                    WHERE, "position of token " + t, Elements.i32(tokens.positions(), t), 0, shape.positions() - 1);
        }
    }

    private static double[] clipped(MemorySegment qkv, long part, int headDim, float clip) {
        double[] row = new double[headDim];
        for (int d = 0; d < headDim; d++) {
            row[d] = Math.clamp(Elements.f32(qkv, part * headDim + d), -clip, clip);
        }
        return row;
    }

    private static float[] rotated(QkvShape shape, Norm norm, double[] head, int position) {
        double[] row = shape.normHeads() ? Normalization.of(head, norm) : head;
        int half = row.length / 2;
        double[] out = new double[row.length];
        for (int i = 0; i < half; i++) {
            double cos = Elements.f32(shape.cosSin(), (long) position * row.length + i);
            double sin = Elements.f32(shape.cosSin(), (long) position * row.length + half + i);
            out[i] = row[i] * cos - row[i + half] * sin;
            out[i + half] = row[i + half] * cos + row[i] * sin;
        }
        return floats(out);
    }

    private static float[] floats(double[] row) {
        float[] out = new float[row.length];
        for (int d = 0; d < row.length; d++) {
            out[d] = (float) row[d];
        }
        return out;
    }
}
