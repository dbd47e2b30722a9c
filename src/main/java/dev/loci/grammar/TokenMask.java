package dev.loci.grammar;

/// The ids that a state allows. Immutable.
public final class TokenMask {
    private final long[] words;

    TokenMask(long[] words) {
        this.words = words;
    }

    public boolean allows(int id) {
        return id >= 0 && id >> 6 < words.length && (words[id >> 6] & 1L << id) != 0;
    }

    /// Whether no id is allowed: the vocabulary has no token for what would have to follow.
    public boolean isEmpty() {
        for (long word : words) {
            if (word != 0) {
                return false;
            }
        }
        return true;
    }

    /// How many ids are allowed.
    public int count() {
        int count = 0;
        for (long word : words) {
            count += Long.bitCount(word);
        }
        return count;
    }

    /// Words of 64 bits, bit i of word w for id `64 * w + i`.
    public int words() {
        return words.length;
    }

    public long word(int index) {
        return words[index];
    }
}
