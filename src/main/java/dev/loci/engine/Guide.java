package dev.loci.engine;

import dev.loci.grammar.GrammarState;
import dev.loci.grammar.TokenGrammar;
import dev.loci.grammar.TokenMask;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/// Holds one generation to a grammar. What may follow a token is worked out from the moment that the token is known: at
/// once where all masks are remembered, otherwise on a thread of its own, while the forward pass runs.
///
/// A mask with one id leaves nothing to draw: that id is forced, and the state after it is looked at next, until a mask
/// leaves a choice. Forced ids are told as they are found, so they never wait for the mask behind them. Used by one
/// thread at a time, beside the one that works ahead.
final class Guide {
    /// Ids that are followed ahead at most; the one after them is drawn, from a mask that has but one.
    static final int MAX_AHEAD = 64;

    private static final int OPEN = -1;

    private final TokenGrammar grammar;
    private final Executor threads;
    private final int[] forced;
    /// Of `forced`. Written last by whoever works ahead: what was written before it may be read.
    private volatile int known;
    private int taken;
    /// How many of `forced` make the text complete, [#OPEN] while more may follow.
    private int endsAfter = OPEN;
    /// After all of `forced` that are known; belongs to whoever works ahead until `mask` is done.
    private GrammarState state;
    private Future<TokenMask> mask;

    /// @param forces  whether ids that have to follow are told before their turn
    /// @param threads that masks are worked out on
    Guide(TokenGrammar grammar, boolean forces, Executor threads) {
        this.grammar = grammar;
        this.threads = threads;
        this.forced = new int[forces ? MAX_AHEAD : 0];
        this.state = grammar.first();
        lookAhead();
    }

    private void lookAhead() {
        taken = 0;
        known = 0;
        endsAfter = OPEN;
        Optional<TokenMask> next = grammar.known(state);
        while (next.isPresent()) {
            if (!follow(next.get())) {
                mask = CompletableFuture.completedFuture(next.get());
                return;
            }
            next = grammar.known(state);
        }
        FutureTask<TokenMask> task = new FutureTask<>(this::followAll);
        mask = task;
        threads.execute(task);
    }

    private TokenMask followAll() {
        TokenMask next = grammar.mask(state);
        while (follow(next)) {
            next = grammar.mask(state);
        }
        return next;
    }

    /// Goes on by the id that has to follow, if one has.
    /// @return whether there is a state to look at after it
    private boolean follow(TokenMask next) {
        OptionalInt only = next.only();
        int count = known;
        if (only.isEmpty() || count == forced.length) {
            return false;
        }
        forced[count] = only.getAsInt();
        state = grammar.after(state, only.getAsInt());
        if (state.ended()) {
            endsAfter = count + 1;
        }
        known = count + 1;
        return !state.ended();
    }

    /// The id that has to come next, where that is known and it need not be drawn.
    OptionalInt forced() {
        return taken < known ? OptionalInt.of(forced[taken]) : OptionalInt.empty();
    }

    /// Whether the next id has to be drawn, and [#mask] answers at once.
    boolean ready() {
        return mask.isDone() && taken == known;
    }

    /// Waits until it is known what may come next: where nothing is [#forced] then, [#mask] answers at once.
    void await() {
        if (forced().isEmpty()) {
            settled();
        }
    }

    /// The ids that may come after all that are forced; waits where they are not known yet.
    /// @throws EngineException where there is none
    TokenMask mask() {
        TokenMask found = settled();
        if (found.isEmpty()) {
            throw EngineException.of(
                    EngineException.Kind.REQUEST, "grammar", "tokens", "one for what has to follow", "none");
        }
        return found;
    }

    private TokenMask settled() {
        try {
            return mask.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the mask of a grammar's state failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a mask was worked out", e);
        }
    }

    /// Takes the id that is [#forced], or else one that the mask has.
    /// @return whether the text is complete and nothing may follow
    boolean take(int id) {
        if (taken < known) {
            taken++;
            return taken == endsAfter;
        }
        state = grammar.after(state, id);
        if (state.ended()) {
            return true;
        }
        lookAhead();
        return false;
    }
}
