package dev.loci.grammar;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Finds the tokens that a state allows, by a walk over the trie of the vocabulary. Used once.
///
/// A token may end one lexeme and reach into the next ones: from each node of the trie where a lexeme
/// may end the walk goes on below that node with what may follow.
final class MaskBuilder {
    private final Vocabulary vocabulary;
    private final TokenTrie trie;
    private final Program program;
    private final RecentlyUsed<LexemeTokens.Key, LexemeTokens> own;
    private final long[] mask;
    private final Map<Long, List<GrammarState.Place>> following = new HashMap<>();
    private Frame followingFrame = Frame.BOTTOM;
    private int[] states;

    MaskBuilder(Vocabulary vocabulary, Program program, RecentlyUsed<LexemeTokens.Key, LexemeTokens> own) {
        this.vocabulary = vocabulary;
        this.trie = vocabulary.trie();
        this.program = program;
        this.own = own;
        this.mask = new long[(vocabulary.size() + 63) / 64];
        this.states = new int[4 * (trie.maxDepth() + 1)];
    }

    long[] of(GrammarState state) {
        for (GrammarState.Place place : state.places()) {
            Lexeme lexeme = program.lexeme(place.node());
            if (lexeme.wide()) {
                LexemeTokens tokens = remembered(lexeme, place.state());
                long[] inside = tokens.inside();
                for (int i = 0; i < inside.length; i++) {
                    mask[i] |= inside[i];
                }
                for (int i = 0; i < tokens.exits().length; i++) {
                    goOn(program.way(place.node(), tokens.targets()[i]), place.frame(), tokens.exits()[i], 0);
                }
            } else {
                scan(place.node(), place.state(), place.frame(), 0, 0);
            }
        }
        if (state.complete()) {
            for (int end : vocabulary.ends()) {
                if (end >= 0 && end < vocabulary.size()) {
                    mask[end >> 6] |= 1L << end;
                }
            }
        }
        return mask;
    }

    private LexemeTokens remembered(Lexeme lexeme, int state) {
        LexemeTokens.Key key = lexeme.like(state, trie.maxDepth() + 1);
        RecentlyUsed<LexemeTokens.Key, LexemeTokens> all = key.lexeme().shared() ? vocabulary.lexemes() : own;
        return all.find(key).orElseGet(() -> {
            LexemeTokens made = LexemeTokens.of(trie, key.lexeme(), key.state());
            all.put(key, made);
            return made;
        });
    }

    /// Walks below a node of the trie with a lexeme.
    /// @param base where in the stack of states there is room
    private void scan(int node, int state, Frame frame, int from, int base) {
        Lexeme lexeme = program.lexeme(node);
        int room = base + trie.maxDepth() + 1;
        if (room > states.length) {
            states = Arrays.copyOf(states, 2 * room);
        }
        states[base + trie.depth(from)] = state;
        int end = trie.end(from);
        for (int at = from + 1; at < end; ) {
            int depth = trie.depth(at);
            int to = lexeme.next(states[base + depth - 1], trie.label(at));
            if (to < 0) {
                at = trie.end(at);
                continue;
            }
            for (int i = trie.firstToken(at); i < trie.firstToken(at + 1); i++) {
                int token = trie.token(i);
                mask[token >> 6] |= 1L << token;
            }
            if (trie.end(at) > at + 1 && lexeme.accepts(to)) {
                goOn(program.way(node, lexeme.target(to)), frame, at, room);
            }
            states[base + depth] = to;
            at = lexeme.goesOn(to) ? at + 1 : trie.end(at);
        }
    }

    private void goOn(int next, Frame frame, int from, int base) {
        for (GrammarState.Place place : following(next, frame)) {
            scan(place.node(), 0, place.frame(), from, base);
        }
    }

    /// What follows is the same at each of many exits: remembered for the last frame.
    private List<GrammarState.Place> following(int next, Frame frame) {
        if (!frame.equals(followingFrame)) {
            following.clear();
            followingFrame = frame;
        }
        return following.computeIfAbsent((long) next, _ -> {
            GrammarState.Collector collector = new GrammarState.Collector(program);
            collector.enter(next, frame);
            return collector.places();
        });
    }
}
