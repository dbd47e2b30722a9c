package dev.loci.grammar;

import java.util.Optional;

/// A grammar over the tokens of a vocabulary. Thread-safe; remembers the masks of states, so that
/// requests with the same grammar share them.
public final class TokenGrammar {
    /// A state of many places is large, and hardly comes again.
    private static final int MAX_PLACES = 512;

    /// What a state takes for each place, and once beside them.
    private static final int PLACE_BYTES = 64;

    /// Of which one is for masks and one for lexemes: an eighth of the heap for all grammars that [Grammars] remembers.
    private static final int HEAP_SHARES = 1024;

    private final Grammar grammar;
    private final Vocabulary vocabulary;
    private final RecentlyUsed<LexemeTokens.Key, LexemeTokens> lexemes;
    private final RecentlyUsed<GrammarState, TokenMask> masks;

    public TokenGrammar(Grammar grammar, Vocabulary vocabulary) {
        this(grammar, vocabulary, Runtime.getRuntime().maxMemory() / HEAP_SHARES);
    }

    /// @param maxBytes of masks that are remembered
    TokenGrammar(Grammar grammar, Vocabulary vocabulary, long maxBytes) {
        this.grammar = grammar;
        this.vocabulary = vocabulary;
        this.lexemes = new RecentlyUsed<>(maxBytes, (_, tokens) -> tokens.bytes());
        this.masks = new RecentlyUsed<>(maxBytes, TokenGrammar::bytes);
    }

    private static long bytes(GrammarState state, TokenMask mask) {
        return (long) Long.BYTES * mask.words()
                + (long) PLACE_BYTES * (state.places().size() + 1);
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
        return masks.find(state);
    }

    /// The ids that may come next, those that end an answer among them where the text may end.
    public TokenMask mask(GrammarState state) {
        return masks.find(state).orElseGet(() -> {
            TokenMask made = new TokenMask(new MaskBuilder(vocabulary, state.program(), lexemes).of(state));
            if (state.places().size() <= MAX_PLACES) {
                masks.put(state, made);
            }
            return made;
        });
    }

    int rememberedMasks() {
        return masks.size();
    }
}
