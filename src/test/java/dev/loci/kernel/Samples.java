package dev.loci.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/// Random test data from a seed that failures print; `-Dtest.seed=N` repeats a run.
public final class Samples {
    private static final long DEFAULT_SEED = 20_261_122;

    private final Arena arena;
    private final long seed;
    private final Random random;

    public Samples(Arena arena) {
        String given = System.getProperty("test.seed", "");
        this.arena = arena;
        this.seed = given.isEmpty() ? DEFAULT_SEED : Long.parseLong(given);
        this.random = new Random(seed);
    }

    public String seed() {
        return "-Dtest.seed=" + seed;
    }

    public Random random() {
        return random;
    }

    /// Uniform in `[-spread, spread)`.
    public MemorySegment floats(long count, float spread) {
        MemorySegment segment = arena.allocate(count * Float.BYTES, Float.BYTES);
        for (long i = 0; i < count; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (2 * random.nextFloat() - 1) * spread);
        }
        return segment;
    }

    /// Whole numbers in `[-max, max]`, so that short sums of products are exact in f32.
    public MemorySegment wholeFloats(long count, int max) {
        MemorySegment segment = arena.allocate(count * Float.BYTES, Float.BYTES);
        for (long i = 0; i < count; i++) {
            segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, random.nextInt(2 * max + 1) - max);
        }
        return segment;
    }

    /// In `[0, bound)`.
    public MemorySegment ints(long count, int bound) {
        MemorySegment segment = arena.allocate(count * Integer.BYTES, Integer.BYTES);
        for (long i = 0; i < count; i++) {
            segment.setAtIndex(ValueLayout.JAVA_INT, i, random.nextInt(bound));
        }
        return segment;
    }

    /// 0 to `count - 1` in random order.
    public MemorySegment permutation(int count) {
        MemorySegment segment = arena.allocate((long) count * Integer.BYTES, Integer.BYTES);
        for (int i = 0; i < count; i++) {
            int other = random.nextInt(i + 1);
            segment.setAtIndex(ValueLayout.JAVA_INT, i, segment.getAtIndex(ValueLayout.JAVA_INT, other));
            segment.setAtIndex(ValueLayout.JAVA_INT, other, i);
        }
        return segment;
    }
}
