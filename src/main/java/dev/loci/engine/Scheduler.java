package dev.loci.engine;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Decides who runs, and what of whom is in the next step. Owned by the step loop thread.
///
/// A step holds one token of each sequence that is generating, with those that have to follow it, then chunks of
/// prompts until the step is full. Who goes first, waiting or reading its prompt, is decided by how little its key has
/// been served (as in the virtual token counter of arXiv 2401.00588: a token of a prompt counts 1, a drawn one 2; a
/// key that comes back starts no lower than the keys that are there), then by priority, then by order of arrival.
///
/// A sequence gives its row and pages back and runs again later, from what the prefix cache still has, when pages run
/// out, or when every row is taken and a key waits that has less than its even share of them. The sequence planned
/// first in a step always gets its pages, and no request needs more pages than there are, so some sequence always
/// goes on.
///
/// Nor do those hold anything that are paused; they wait again when they may go on.
final class Scheduler {
    private static final int PROMPT_WEIGHT = 1;
    private static final int DRAWN_WEIGHT = 2;

    private final KvCache cache;
    private final Admission admission;
    private final StepCounters counters;
    private final Optional<StoredPrefixes> stored;
    private final int maxSequences;
    private final StepPace pace;
    private final StepPlan plan;
    private final Map<String, Account> accounts = new HashMap<>();
    private final List<Account> everyAccount = new ArrayList<>();
    private final List<Sequence> active = new ArrayList<>();
    private final List<Sequence> forTwins = new ArrayList<>();
    private int waiting;
    private long preemptions;
    private EngineObserver observer = EngineObserver.NONE;

    /// @param stored pages of prompts outside, if any are kept
    Scheduler(
            KvCache cache,
            Admission admission,
            StepCounters counters,
            Optional<StoredPrefixes> stored,
            EngineOptions options) {
        this.cache = cache;
        this.admission = admission;
        this.counters = counters;
        this.stored = stored;
        this.maxSequences = options.maxSequences();
        this.pace = new StepPace(options.stepTime());
        this.plan = new StepPlan(cache, pace, options.stepTokens(), this::preempt);
    }

    /// From now on.
    void observer(EngineObserver engineObserver) {
        observer = engineObserver;
    }

    /// Sequences that have a row, in order of arrival.
    List<Sequence> active() {
        return active;
    }

    int waiting() {
        return waiting;
    }

    long preemptions() {
        return preemptions;
    }

    /// Takes a sequence that [Admission] has let in.
    void add(Sequence sequence) {
        String key = sequence.request().client().key();
        Account account = accounts.get(key);
        if (account == null) {
            account = new Account(key, leastServed());
            accounts.put(key, account);
            everyAccount.add(account);
        }
        sequence.bookOn(account);
        account.waiting().add(sequence);
        waiting++;
    }

    private double leastServed() {
        return everyAccount.stream()
                .filter(Account::competes)
                .mapToDouble(Account::served)
                .min()
                .orElse(0);
    }

    /// Ends whoever was cancelled or has run out of time, and gives back what ended sequences held; sets paused ones
    /// aside, and lets those that may go on wait again.
    void sweep(long now) {
        for (int i = active.size() - 1; i >= 0; i--) {
            Sequence sequence = active.get(i);
            sequence.endIfOverdue(now);
            if (sequence.finished()) {
                active.remove(i);
                stop(sequence);
                leave(sequence);
            } else if (sequence.paused()) {
                active.remove(i);
                stop(sequence);
                setAside(sequence);
            }
        }
        for (int i = everyAccount.size() - 1; i >= 0; i--) {
            Account account = everyAccount.get(i);
            if (!account.waiting().isEmpty()) {
                sweepWaiting(account, now);
            }
            if (!account.paused().isEmpty()) {
                sweepPaused(account, now);
            }
            if (account.isEmpty()) {
                everyAccount.remove(i);
                accounts.remove(account.key());
            }
        }
    }

    private void sweepWaiting(Account account, long now) {
        for (Iterator<Sequence> each = account.waiting().iterator(); each.hasNext(); ) {
            Sequence sequence = each.next();
            sequence.endIfOverdue(now);
            if (sequence.finished()) {
                each.remove();
                waiting--;
                leave(sequence);
            } else if (sequence.paused()) {
                each.remove();
                waiting--;
                setAside(sequence);
            }
        }
    }

    private static void setAside(Sequence sequence) {
        sequence.setAside();
        sequence.account().paused().add(sequence);
    }

    private void sweepPaused(Account account, long now) {
        for (Iterator<Sequence> each = account.paused().iterator(); each.hasNext(); ) {
            Sequence sequence = each.next();
            sequence.endIfOverdue(now);
            if (sequence.finished()) {
                each.remove();
                leave(sequence);
            } else if (!sequence.paused()) {
                each.remove();
                if (!account.competes()) {
                    account.comeBack(leastServed());
                }
                account.waiting().add(sequence);
                waiting++;
            }
        }
    }

    /// Nanoseconds until the time of the first of the paused sequences is up, as [Sequence#timeLeft] has it.
    long pausedTimeLeft(long now) {
        long least = Long.MAX_VALUE;
        for (Account account : everyAccount) {
            for (Sequence sequence : account.paused()) {
                least = Math.min(least, sequence.timeLeft(now));
            }
        }
        return least;
    }

    /// Lets waiting sequences run while there is room. Where the one whose turn it is waits for pages, all others wait
    /// with it, or they would take each page that comes free.
    void admit() {
        if (waiting == 0) {
            return;
        }
        List<Account> candidates = new ArrayList<>();
        for (int i = 0; i < everyAccount.size(); i++) {
            candidates.add(everyAccount.get(i));
        }
        while (rowToHave()) {
            Account next = firstInTurn(candidates);
            if (next == null) {
                break;
            }
            Sequence sequence = next.waiting().peek();
            if (waitsForItsTwin(sequence)) {
                forTwins.add(next.waiting().remove());
            } else if (makeRoom(next, sequence)) {
                next.waiting().remove();
                waiting--;
                start(sequence, next);
            } else if (cache.hasFreeRow()) {
                break;
            } else {
                candidates.remove(next); // has its share of the rows
            }
        }
        for (int i = 0; i < forTwins.size(); i++) {
            Sequence sequence = forTwins.get(i);
            sequence.account().waiting().add(sequence);
        }
        forTwins.clear();
    }

    /// Whether some key may get a row.
    private boolean rowToHave() {
        return cache.hasFreeRow() || mostRunning().running() > share();
    }

    /// The one of these whose turn it is, null where none has anything that waits.
    private static Account firstInTurn(List<Account> candidates) {
        Account first = null;
        for (int i = 0; i < candidates.size(); i++) {
            Account account = candidates.get(i);
            if (!account.waiting().isEmpty()
                    && (first == null
                            || Account.TURN.compare(
                                            account.waiting().peek(),
                                            first.waiting().peek())
                                    < 0)) {
                first = account;
            }
        }
        return first;
    }

    /// The key that has most rows.
    private Account mostRunning() {
        Account most = everyAccount.getFirst();
        for (int i = 1; i < everyAccount.size(); i++) {
            if (everyAccount.get(i).running() > most.running()) {
                most = everyAccount.get(i);
            }
        }
        return most;
    }

    /// Rows that each key may have while all want them.
    private int share() {
        int competing = 0;
        for (int i = 0; i < everyAccount.size(); i++) {
            if (everyAccount.get(i).competes()) {
                competing++;
            }
        }
        return Math.max(1, maxSequences / competing);
    }

    /// Plans the next step: who takes part, with how many tokens. Pages for those tokens are held when this returns.
    List<Sequence> plan() {
        plan.fill(active, waiting > 0);
        return plan.sequences();
    }

    /// Books a step that has run: publishes pages and charges the keys.
    /// @param nanos that its forward pass and its sampling took
    void ran(long nanos) {
        int tokens = 0;
        List<Sequence> planned = plan.sequences();
        for (int i = 0; i < planned.size(); i++) {
            Sequence sequence = planned.get(i);
            int before = sequence.computed() - sequence.planned();
            int ofPrompt =
                    Math.max(0, Math.min(sequence.computed(), sequence.request().prompt().length) - before);
            sequence.account().charge(ofPrompt * PROMPT_WEIGHT + (sequence.planned() - ofPrompt) * DRAWN_WEIGHT);
            if (stored.isPresent()) {
                save(stored.get(), sequence, before);
            }
            cache.publish(sequence.row(), sequence.ids(), sequence.computed());
            tokens += sequence.planned();
        }
        pace.ran(tokens, nanos);
    }

    /// Hands the prompt's pages that have become full in this step to the store outside.
    private void save(StoredPrefixes prefixes, Sequence sequence, int before) {
        int[] prompt = sequence.request().prompt();
        int last = Math.min(sequence.computed(), prompt.length) / KvCache.PAGE_TOKENS;
        boolean room = true;
        for (int index = before / KvCache.PAGE_TOKENS; index < last && room; index++) {
            int page = index;
            room = prefixes.save(prompt, page, copy -> cache.read(sequence.row(), page, copy));
        }
    }

    /// Every sequence there is, for ending them all.
    List<Sequence> everyone() {
        List<Sequence> all = new ArrayList<>(active);
        for (Account account : everyAccount) {
            all.addAll(account.waiting());
            all.addAll(account.paused());
        }
        return all;
    }

    /// Whether a running sequence is still reading the very prompt that this one begins with.
    private boolean waitsForItsTwin(Sequence sequence) {
        Sequence twin = twin(sequence);
        return twin != null && twin.computed() < twin.request().prompt().length - 1;
    }

    private Sequence twin(Sequence sequence) {
        if (!sequence.sharesPrompt()) {
            return null;
        }
        for (Sequence other : active) {
            if (other.request().prompt() == sequence.request().prompt()) {
                return other;
            }
        }
        return null;
    }

    /// Whether there are a row and pages, now or because a key with more than its share gave some back.
    private boolean makeRoom(Account wanting, Sequence sequence) {
        while (!cache.hasFreeRow() || !fits(sequence)) {
            int share = share();
            Account largest = mostRunning();
            if (wanting.running() >= share || largest.running() <= share) {
                return false;
            }
            preempt(active.stream()
                    .filter(each -> each.account() == largest)
                    .max(Account.SENIORITY)
                    .orElseThrow());
        }
        return true;
    }

    /// Whether there are pages for what the sequence has so far and one token more, beyond what it would find cached.
    private boolean fits(Sequence sequence) {
        int tokens = tokensToHold(sequence);
        int found = cache.reusable(sequence.ids(), sequence.reusableTokens());
        int missing = KvCache.pagesFor(tokens) - KvCache.pagesFor(found);
        // Pages that are found may be idle: they are counted as available but would not be after their reuse.
        return missing + KvCache.pagesFor(found) <= cache.availablePages() || missing <= cache.freePages();
    }

    private static int tokensToHold(Sequence sequence) {
        return Math.min(sequence.length() + 1, sequence.tokensToRun());
    }

    private void start(Sequence sequence, Account account) {
        int row = cache.acquireRow();
        Sequence twin = twin(sequence);
        int held;
        if (twin != null
                && sequence.computed() == 0
                && sequence.length() == sequence.request().prompt().length) {
            int tokens = sequence.length() - 1;
            held = cache.fork(twin.row(), row, tokens) ? tokens : tokens / KvCache.PAGE_TOKENS * KvCache.PAGE_TOKENS;
        } else {
            held = cache.reuse(row, sequence.ids(), sequence.reusableTokens());
            held = takeBrought(sequence, row, held);
        }
        // the pages that it fits into are its own from now on: the next to start sees what is left
        cache.extend(row, tokensToHold(sequence));
        if (!sequence.started()) {
            int prompt = sequence.request().prompt().length;
            admission.start(sequence.request().client().key(), prompt);
            counters.started(prompt, held);
        }
        sequence.start(row, held);
        account.run(1);
        int at = active.size();
        while (at > 0 && sequence.arrival() < active.get(at - 1).arrival()) {
            at--;
        }
        active.add(at, sequence);
    }

    /// Adds the pages that the sequence brings to those that the cache had.
    /// @return tokens that the row holds then
    private int takeBrought(Sequence sequence, int row, int held) {
        int tokens = held;
        while (tokens + KvCache.PAGE_TOKENS <= sequence.reusableTokens()) {
            Optional<MemorySegment> page = sequence.broughtPage(tokens);
            if (page.isEmpty() || !cache.extend(row, tokens + KvCache.PAGE_TOKENS)) {
                break;
            }
            cache.write(row, tokens / KvCache.PAGE_TOKENS, page.get());
            tokens += KvCache.PAGE_TOKENS;
        }
        cache.publish(row, sequence.ids(), tokens);
        return tokens;
    }

    private void preempt(Sequence sequence) {
        active.remove(sequence);
        plan.forget(sequence);
        stop(sequence);
        sequence.preempted();
        sequence.account().waiting().add(sequence);
        waiting++;
        preemptions++;
    }

    private void leave(Sequence sequence) {
        String key = sequence.request().client().key();
        if (sequence.started()) {
            admission.end(key);
        } else {
            admission.giveUp(key, sequence.request().prompt().length);
        }
        observer.ended(sequence);
    }

    private void stop(Sequence sequence) {
        cache.release(sequence.row());
        sequence.stop();
        sequence.account().run(-1);
    }
}
