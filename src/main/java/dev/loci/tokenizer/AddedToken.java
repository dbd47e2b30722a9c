package dev.loci.tokenizer;

import java.util.Objects;

/// A token that is found in a text before anything else is.
/// @param special     whether a decoded text leaves it out
/// @param stripsLeft  whether it swallows the blanks before it
/// @param stripsRight whether it swallows the blanks after it
record AddedToken(int id, String content, boolean special, boolean stripsLeft, boolean stripsRight) {
    AddedToken {
        Objects.requireNonNull(content, "content");
        if (content.isEmpty()) {
            throw new IllegalArgumentException("added token " + id + ": expected a text, found an empty one");
        }
    }
}
