package dev.loci.grammar;

/// An automaton over bytes for a part of the output that has no nesting. From each of its states the
/// part can be ended. Stateless and shared: a state is a number, 0 the first.
interface Lexeme {
    int DEAD = -1;

    /// The state after one more byte; [#DEAD] where it is not allowed.
    int next(int state, int value);

    /// Whether the part may end here.
    boolean accepts(int state);

    /// Whether a byte may follow inside the part.
    boolean goesOn(int state);

    /// Which of the ways on an accepting state takes.
    default int target(int state) {
        return 0;
    }

    /// Whether so many tokens fit inside that they are worth remembering for each state.
    default boolean wide() {
        return false;
    }

    /// Whether it is the same object for all grammars.
    default boolean shared() {
        return false;
    }

    /// A lexeme and a state from which the next `horizon` bytes go as from this one.
    default LexemeTokens.Key like(int state, int horizon) {
        return new LexemeTokens.Key(this, state);
    }
}
