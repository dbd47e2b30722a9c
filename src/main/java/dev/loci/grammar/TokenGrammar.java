package dev.loci.grammar;

import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// A grammar over the tokens of a vocabulary. Thread-safe; remembers the masks of states, so that
/// requests with the same grammar share them.
public final class TokenGrammar {
    /// A state of many places is large, and hardly comes again.
    private static final int MAX_PLACES = 512;

    private static final int MAX_MASKS = 1 << 12;

    private final Grammar grammar;
    private final Vocabulary vocabulary;
    private final ConcurrentHashMap<LexemeTokens.Key, LexemeTokens> lexemes = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<GrammarState, TokenMask> masks = new ConcurrentHashMap<>();

    public TokenGrammar(Grammar grammar, Vocabulary vocabulary) {
        this.grammar = grammar;
        this.vocabulary = vocabulary;
    }

    /// The state before any text.
    public GrammarState first() {
        return grammar.first();
    }

    /// The state after a token. One that ends an answer, or has no bytes, leaves it as it is.
    public GrammarState after(GrammarState state, int id) {
        return state.after(vocabulary.bytes(id));
    }

    /// Whether a token may come next.
    public boolean allows(GrammarState state, int id) {
        if (vocabulary.isEnd(id)) {
            return state.complete();
        }
        byte[] bytes = vocabulary.bytes(id);
        return bytes.length > 0 && state.after(bytes).alive();
    }

    /// What [#mask] gives, where it is remembered.
    public Optional<TokenMask> known(GrammarState state) {
        return Optional.ofNullable(masks.get(state));
    }

    /// The ids that may come next, those that end an answer among them where the text may end.
    public TokenMask mask(GrammarState state) {
        TokenMask known = masks.get(state);
        if (known == null) {
            known = new TokenMask(new MaskBuilder(vocabulary, state.program(), lexemes).of(state));
            if (masks.size() >= MAX_MASKS) {
                masks.clear();
            }
            if (state.places().size() <= MAX_PLACES) {
                masks.put(state, known);
            }
        }
        return known;
    }
}
