package dev.loci.importer;

/// The SplitMix64 generator, as a function of a seed and a counter: any part of a sequence can be made on its own.
final class SplitMix {
    private static final long GAMMA = 0x9e3779b97f4a7c15L;

    private SplitMix() {}

    static long at(long seed, long counter) {
        long z = seed + (counter + 1) * GAMMA;
        z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /// A seed of its own for a named or numbered part.
    static long seed(long seed, long part) {
        return at(at(seed, 0x5eed), part);
    }
}
