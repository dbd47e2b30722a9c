package dev.loci.grammar;

import java.util.OptionalInt;

/// The ids that a state allows. Immutable.
public final class TokenMask {
    private final long[] words;
    private final int count;
    private final OptionalInt only;

    TokenMask(long[] words) {
        this.words = words;
        int ids = 0;
        int last = 0;
        for (int i = 0; i < words.length; i++) {
            ids += Long.bitCount(words[i]);
            last = words[i] == 0 ? last : i;
        }
        this.count = ids;
        this.only = ids == 1
                ? OptionalInt.of(last * Long.SIZE + Long.numberOfTrailingZeros(words[last]))
                : OptionalInt.empty();
    }

    public boolean allows(int id) {
        return id >= 0 && id >> 6 < words.length && (words[id >> 6] & 1L << id) != 0;
    }

    /// Whether no id is allowed: the vocabulary has no token for what would have to follow.
    public boolean isEmpty() {
        return count == 0;
    }

    /// How many ids are allowed.
    public int count() {
        return count;
    }

    /// The id that has to follow, where there is but one.
    public OptionalInt only() {
        return only;
    }

    /// Words of 64 bits, bit i of word w for id `64 * w + i`.
    public int words() {
        return words.length;
    }

    public long word(int index) {
        return words[index];
    }
}
