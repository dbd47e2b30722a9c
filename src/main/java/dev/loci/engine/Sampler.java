package dev.loci.engine;

/// Draws ids from logits. Used by one thread.
///
/// The order of the filters is vLLM's: temperature, min_p, top_k, top_p. A draw depends on the logits, the parameters
/// and the token's number alone.
final class Sampler {
    /// Candidates as a max-heap of (logit, lower id first), each packed into a long that compares as they do.
    private final long[] heap;

    Sampler(int vocabSize) {
        this.heap = new long[vocabSize];
    }

    /// @param logits of the ids below vocabSize
    /// @param number of the token in its generation, from 0
    int sample(float[] logits, Sampling sampling, long number) {
        if (sampling.temperature() < Double.MIN_NORMAL) {
            // 1 / temperature may be infinite here, and 0 times that is no number
            return best(logits);
        }
        double draw = uniform(sampling.seed(), number);
        if (sampling.topK() == 0 && sampling.topP() == 1) {
            return drawInIdOrder(logits, sampling, draw);
        }
        return drawBestFirst(logits, sampling, draw);
    }

    /// Largest logit; the lower id of equals.
    static int best(float[] logits) {
        int best = 0;
        for (int id = 1; id < logits.length; id++) {
            if (logits[id] > logits[best]) {
                best = id;
            }
        }
        return best;
    }

    private static int drawInIdOrder(float[] logits, Sampling sampling, double draw) {
        double max = logits[best(logits)];
        double scale = 1 / sampling.temperature();
        double total = 0;
        for (float logit : logits) {
            total += kept(Math.exp((logit - max) * scale), sampling);
        }
        double target = draw * total;
        double sum = 0;
        int last = 0;
        for (int id = 0; id < logits.length; id++) {
            double share = kept(Math.exp((logits[id] - max) * scale), sampling);
            if (share > 0) {
                sum += share;
                last = id;
                if (sum > target) {
                    return id;
                }
            }
        }
        return last;
    }

    private int drawBestFirst(float[] logits, Sampling sampling, double draw) {
        double max = logits[best(logits)];
        double scale = 1 / sampling.temperature();
        int size = 0;
        double total = 0;
        for (int id = 0; id < logits.length; id++) {
            double share = kept(Math.exp((logits[id] - max) * scale), sampling);
            if (share > 0) {
                heap[size++] = packed(logits[id], id);
                total += share;
            }
        }
        int kept = sampling.topK() == 0 ? size : Math.min(size, sampling.topK());
        for (int i = size / 2 - 1; i >= 0; i--) {
            siftDown(i, size);
        }
        // Heap's end receives what is popped, best first: heap[size - 1], heap[size - 2], ...
        double topTotal = 0;
        int popped = 0;
        int rest = size;
        if (sampling.topK() != 0) {
            total = 0;
            for (int i = 0; i < kept; i++) {
                total += share(pop(rest--), logits, max, scale);
            }
            popped = kept;
        }
        int taken = 0;
        while (taken < kept && topTotal < sampling.topP() * total) {
            long candidate = taken < popped ? heap[size - 1 - taken] : pop(rest--);
            topTotal += share(candidate, logits, max, scale);
            taken++;
        }
        double target = draw * topTotal;
        double sum = 0;
        for (int i = 0; i < taken; i++) {
            sum += share(heap[size - 1 - i], logits, max, scale);
            if (sum > target) {
                return id(heap[size - 1 - i]);
            }
        }
        return id(heap[size - taken]);
    }

    private static double kept(double relative, Sampling sampling) {
        return relative >= sampling.minP() ? relative : 0;
    }

    private static double share(long candidate, float[] logits, double max, double scale) {
        return Math.exp((logits[id(candidate)] - max) * scale);
    }

    /// Takes the best of the heap's first `size` and leaves it at `size - 1`.
    private long pop(int size) {
        long top = heap[0];
        heap[0] = heap[size - 1];
        heap[size - 1] = top;
        siftDown(0, size - 1);
        return top;
    }

    private void siftDown(int start, int size) {
        int parent = start;
        long moving = heap[parent];
        while (true) {
            int child = 2 * parent + 1;
            if (child >= size) {
                break;
            }
            if (child + 1 < size && heap[child + 1] > heap[child]) {
                child++;
            }
            if (heap[child] <= moving) {
                break;
            }
            heap[parent] = heap[child];
            parent = child;
        }
        heap[parent] = moving;
    }

    /// Orders as (logit ascending, id descending): f32 bits made monotonic above the complement of the id.
    private static long packed(float logit, int id) {
        int bits = Float.floatToIntBits(logit);
        int ordered = bits ^ (bits >> 31 & 0x7fffffff);
        return (long) ordered << 32 | (~id & 0xffffffffL);
    }

    private static int id(long packed) {
        return ~(int) packed;
    }

    /// A number in [0, 1) from seed and token number (SplitMix64's finalizer).
    static double uniform(long seed, long number) {
        long z = seed + (number + 1) * 0x9e3779b97f4a7c15L;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return ((z ^ z >>> 31) >>> 11) * 0x1.0p-53;
    }
}
