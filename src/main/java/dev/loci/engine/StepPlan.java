package dev.loci.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Which sequences take part in a step, each with how many tokens ([Sequence#planned]). Owned by the step loop thread;
/// planning allocates nothing once its lists have grown.
final class StepPlan {
    private final KvCache cache;
    private final StepPace pace;
    private final int maxTokens;
    private final Consumer<Sequence> preempt;
    private final List<Sequence> planned = new ArrayList<>();
    private final List<Sequence> candidates = new ArrayList<>();
    private final List<Sequence> unplanned = new ArrayList<>();

    /// @param preempt takes a sequence's row and pages away, and calls [#forget]
    StepPlan(KvCache cache, StepPace pace, int maxTokens, Consumer<Sequence> preempt) {
        this.cache = cache;
        this.pace = pace;
        this.maxTokens = maxTokens;
        this.preempt = preempt;
    }

    List<Sequence> sequences() {
        return planned;
    }

    /// Plans a step. Pages for its tokens are held when this returns.
    /// @param active sequences with a row, in order of arrival; changes where one has to give its row up
    /// @param others whether more sequences wait
    void fill(List<Sequence> active, boolean others) {
        planned.clear();
        copy(active, unplanned);
        copy(active, candidates);
        boolean shared = others || active.size() > 1;
        int drawing = 0;
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i).generating()) {
                drawing++;
            }
        }
        int room = (shared ? pace.tokens(drawing, maxTokens) : maxTokens) - drawing;
        // prompts go on too, whatever has to follow elsewhere
        int extra = drawing < candidates.size() ? room / 2 : room;
        for (int i = 0; i < candidates.size(); i++) {
            Sequence sequence = candidates.get(i);
            if (sequence.generating() && sequence.row() >= 0) {
                unplanned.remove(sequence);
                int more = Math.max(0, take(sequence, 1 + Math.min(extra, sequence.ready() - 1)) - 1);
                extra -= more;
                room -= more;
            }
        }
        copy(unplanned, candidates);
        if (candidates.size() > 1) {
            candidates.sort(Account.TURN);
        }
        for (int i = 0; i < candidates.size() && room > 0; i++) {
            Sequence sequence = candidates.get(i);
            if (sequence.row() >= 0) {
                unplanned.remove(sequence);
                room -= take(sequence, Math.min(room, sequence.ready()));
            }
        }
    }

    /// Drops a sequence that has lost its row.
    void forget(Sequence sequence) {
        unplanned.remove(sequence);
    }

    /// Holds pages for the tokens and plans them; takes pages from whose turn is last of those that are not planned
    /// yet. Where that is its own, it steps back itself, unless it is the first of the step, which always goes on.
    /// @return tokens planned
    private int take(Sequence sequence, int tokens) {
        while (!cache.extend(sequence.row(), sequence.computed() + tokens)) {
            Sequence last = lastUnplanned();
            if (last == null || (!planned.isEmpty() && Account.TURN.compare(sequence, last) > 0)) {
                int fitting = Math.min(tokens, cache.capacity(sequence.row()) - sequence.computed());
                if (fitting < 1 || !cache.extend(sequence.row(), sequence.computed() + fitting)) {
                    preempt.accept(sequence);
                    return 0;
                }
                return plan(sequence, fitting);
            }
            preempt.accept(last);
        }
        return plan(sequence, tokens);
    }

    private Sequence lastUnplanned() {
        Sequence last = null;
        for (int i = 0; i < unplanned.size(); i++) {
            Sequence each = unplanned.get(i);
            if (last == null || Account.TURN.compare(each, last) > 0) {
                last = each;
            }
        }
        return last;
    }

    private int plan(Sequence sequence, int tokens) {
        sequence.plan(tokens);
        planned.add(sequence);
        return tokens;
    }

    private static void copy(List<Sequence> from, List<Sequence> to) {
        to.clear();
        for (int i = 0; i < from.size(); i++) {
            to.add(from.get(i));
        }
    }
}
