package dev.loci.engine;

import dev.loci.grammar.GrammarState;
import dev.loci.grammar.TokenGrammar;
import dev.loci.grammar.TokenMask;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/// Holds one generation to a grammar. The mask for the next token is worked out on a thread of its
/// own, from the moment that the token before it is known: while the forward pass runs. Used by one
/// thread at a time.
final class Guide {
    private final TokenGrammar grammar;
    private final Executor threads;
    private GrammarState state;
    private FutureTask<TokenMask> mask;

    /// @param threads that masks are worked out on
    Guide(TokenGrammar grammar, Executor threads) {
        this.grammar = grammar;
        this.threads = threads;
        this.state = grammar.first();
        prepare();
    }

    private void prepare() {
        GrammarState now = state;
        mask = new FutureTask<>(() -> grammar.mask(now));
        threads.execute(mask);
    }

    /// Whether [#mask] answers at once.
    boolean ready() {
        return mask.isDone();
    }

    /// The ids that may come next; waits where they are not known yet.
    /// @throws EngineException where there is none
    TokenMask mask() {
        try {
            TokenMask found = mask.get();
            if (found.isEmpty()) {
                throw EngineException.of(
                        EngineException.Kind.REQUEST, "grammar", "tokens", "one for what has to follow", "none");
            }
            return found;
        } catch (ExecutionException e) {
            throw new IllegalStateException("the mask of a grammar's state failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a mask was worked out", e);
        }
    }

    /// Takes a token that the mask has.
    /// @return whether the text is complete and nothing may follow
    boolean take(int id) {
        state = grammar.after(state, id);
        if (state.ended()) {
            return true;
        }
        prepare();
        return false;
    }
}
