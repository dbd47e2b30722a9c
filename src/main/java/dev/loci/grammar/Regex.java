package dev.loci.grammar;

import java.util.List;

/// A regular expression as a tree.
sealed interface Regex {
    /// One code point of a set.
    record One(Ranges ranges) implements Regex {}

    record Cat(List<Regex> parts) implements Regex {
        public Cat {
            parts = List.copyOf(parts);
        }
    }

    record Alt(List<Regex> options) implements Regex {
        public Alt {
            options = List.copyOf(options);
        }
    }

    /// @param max -1 for any number
    record Repeat(Regex part, int min, int max) implements Regex {}

    /// The start of the text.
    record Begin() implements Regex {}

    /// The end of the text.
    record End() implements Regex {}

    Regex EMPTY = new Cat(List.of());

    static Regex text(String text) {
        return new Cat(
                text.codePoints().<Regex>mapToObj(c -> new One(Ranges.of(c, c))).toList());
    }
}
