package dev.loci.importer;

/// A random permutation of `[0, side * side)` that needs no memory: four Feistel rounds on the two digits of a number
/// to the
/// base `side`.
final class GridShuffle {
    private static final int ROUNDS = 4;

    private final long seed;
    private final int side;

    GridShuffle(long seed, int side) {
        this.seed = seed;
        this.side = side;
    }

    int at(long index) {
        long high = index / side;
        long low = index % side;
        for (int round = 0; round < ROUNDS; round++) {
            long key = SplitMix.at(seed, low * ROUNDS + round);
            long next = (high + Long.remainderUnsigned(key, side)) % side;
            high = low;
            low = next;
        }
        return (int) (high * side + low);
    }
}
