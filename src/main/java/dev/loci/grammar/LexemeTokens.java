package dev.loci.grammar;

import java.util.Arrays;
import java.util.BitSet;

/// The tokens that fit into a lexeme from a state on, and where in the [TokenTrie] the lexeme may end
/// with bytes to come.
/// @param inside   words of a bit set of ids
/// @param exits    nodes of the trie
/// @param targets  for each of them, the lexeme's way on
@SuppressWarnings("ArrayRecordComponent") // kept in a map by its key
record LexemeTokens(long[] inside, int[] exits, int[] targets) {
    /// For headers, the key and its place in a map.
    private static final int ENTRY_WORDS = 24;

    record Key(Lexeme lexeme, int state) {}

    long bytes() {
        return (long) Long.BYTES * (inside.length + ENTRY_WORDS)
                + (long) Integer.BYTES * (exits.length + targets.length);
    }

    static LexemeTokens of(TokenTrie trie, Lexeme lexeme, int state) {
        BitSet inside = new BitSet();
        int[] exits = new int[16];
        int[] targets = new int[16];
        int count = 0;
        int[] states = new int[trie.maxDepth() + 1];
        states[0] = state;
        int end = trie.end(0);
        for (int node = 1; node < end; ) {
            int depth = trie.depth(node);
            int to = lexeme.next(states[depth - 1], trie.label(node));
            if (to < 0) {
                node = trie.end(node);
                continue;
            }
            for (int i = trie.firstToken(node); i < trie.firstToken(node + 1); i++) {
                inside.set(trie.token(i));
            }
            if (lexeme.accepts(to) && trie.end(node) > node + 1) {
                if (count == exits.length) {
                    exits = Arrays.copyOf(exits, 2 * count);
                    targets = Arrays.copyOf(targets, 2 * count);
                }
                exits[count] = node;
                targets[count++] = lexeme.target(to);
            }
            states[depth] = to;
            node = lexeme.goesOn(to) ? node + 1 : trie.end(node);
        }
        return new LexemeTokens(inside.toLongArray(), Arrays.copyOf(exits, count), Arrays.copyOf(targets, count));
    }
}
