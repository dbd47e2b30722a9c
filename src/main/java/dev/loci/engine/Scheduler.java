package dev.loci.engine;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;

/// Decides who runs, and what of whom is in the next step. Owned by the step loop thread.
///
/// A step holds one token of each sequence that is generating, then chunks of prompts until the step is full. Who goes
/// first, waiting or reading its prompt, is decided by priority, then by how little its key has been served (as in the
/// virtual token counter of arXiv 2401.00588: a token of a prompt counts 1, a drawn one 2; a key that comes back
/// starts no lower than the keys that are there), then by order of arrival.
///
/// A sequence gives its row and pages back and runs again later, from what the prefix cache still has, when pages run
/// out, or when every row is taken and a key waits that has less than its even share of them. The sequence planned
/// first in a step always gets its pages, and no request needs more pages than there are, so some sequence always
/// goes on.
final class Scheduler {
    private static final int PROMPT_WEIGHT = 1;
    private static final int DRAWN_WEIGHT = 2;

    private static final Comparator<Sequence> SENIORITY = Comparator.comparingInt(
                    (Sequence sequence) -> sequence.request().client().priority())
            .thenComparingLong(Sequence::arrival);

    /// What one key has, waits for and has been served.
    private static final class Account {
        private final PriorityQueue<Sequence> waiting = new PriorityQueue<>(SENIORITY);
        private int running;
        private double served;
    }

    /// @param tokens of the sequence that go into the step
    record Planned(Sequence sequence, int tokens) {}

    private final KvCache cache;
    private final Admission admission;
    private final StepCounters counters;
    private final Optional<StoredPrefixes> stored;
    private final int maxSequences;
    private final int stepTokens;
    private final Map<String, Account> accounts = new HashMap<>();
    private final List<Sequence> active = new ArrayList<>();
    private final List<Planned> plan = new ArrayList<>();
    private final List<Sequence> unplanned = new ArrayList<>();
    private int waiting;
    private long preemptions;

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
        this.stepTokens = options.stepTokens();
    }

    /// Sequences that have a row.
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
            account = new Account();
            account.served = accounts.values().stream()
                    .mapToDouble(other -> other.served)
                    .min()
                    .orElse(0);
            accounts.put(key, account);
        }
        account.waiting.add(sequence);
        waiting++;
    }

    /// Ends whoever was cancelled or has run out of time, and gives back what ended sequences held.
    void sweep(long now) {
        for (Sequence sequence : active) {
            sequence.endIfOverdue(now);
        }
        for (Iterator<Sequence> each = active.iterator(); each.hasNext(); ) {
            Sequence sequence = each.next();
            if (sequence.finished()) {
                each.remove();
                stop(sequence);
                leave(sequence);
            }
        }
        for (Account account : accounts.values()) {
            for (Iterator<Sequence> each = account.waiting.iterator(); each.hasNext(); ) {
                Sequence sequence = each.next();
                sequence.endIfOverdue(now);
                if (sequence.finished()) {
                    each.remove();
                    waiting--;
                    leave(sequence);
                }
            }
        }
        accounts.values().removeIf(account -> account.running == 0 && account.waiting.isEmpty());
    }

    /// Lets waiting sequences run while there is room.
    void admit() {
        List<Account> candidates = new ArrayList<>(accounts.values());
        while (true) {
            candidates.removeIf(account -> account.waiting.isEmpty());
            if (candidates.isEmpty()) {
                return;
            }
            Account next = candidates.getFirst();
            for (Account account : candidates) {
                if (before(account, next)) {
                    next = account;
                }
            }
            Sequence sequence = next.waiting.peek();
            if (waitsForItsTwin(sequence) || !makeRow(next, sequence) || !fits(sequence)) {
                candidates.remove(next);
                continue;
            }
            next.waiting.remove();
            waiting--;
            start(sequence, next);
        }
    }

    /// Plans the next step: who takes part, with how many tokens. Pages for those tokens are held when this returns.
    List<Planned> plan() {
        plan.clear();
        unplanned.clear();
        unplanned.addAll(active);
        unplanned.sort(SENIORITY);
        int room = stepTokens;
        for (Sequence sequence : List.copyOf(unplanned)) {
            if (sequence.ready() == 1 && sequence.row() >= 0) {
                unplanned.remove(sequence);
                room -= take(sequence, 1);
            }
        }
        List<Sequence> prompts = new ArrayList<>(unplanned);
        prompts.sort(Comparator.comparingInt(
                        (Sequence sequence) -> sequence.request().client().priority())
                .thenComparingDouble(sequence -> account(sequence).served)
                .thenComparingLong(Sequence::arrival));
        for (Sequence sequence : prompts) {
            if (room > 0 && sequence.row() >= 0) {
                unplanned.remove(sequence);
                room -= take(sequence, Math.min(room, sequence.ready()));
            }
        }
        return plan;
    }

    /// Books a step that has run: publishes pages and charges the keys.
    void ran() {
        for (Planned planned : plan) {
            Sequence sequence = planned.sequence();
            boolean drawing = sequence.computed() >= sequence.request().prompt().length;
            account(sequence).served += planned.tokens() * (drawing ? DRAWN_WEIGHT : PROMPT_WEIGHT);
            int before = sequence.computed() - planned.tokens();
            if (stored.isPresent()) {
                save(stored.get(), sequence, before);
            }
            cache.publish(sequence.row(), sequence.ids(), sequence.computed());
        }
    }

    /// Hands the prompt's pages that have become full in this step to the store outside.
    private void save(StoredPrefixes prefixes, Sequence sequence, int before) {
        int[] prompt = sequence.request().prompt();
        int last = Math.min(sequence.computed(), prompt.length) / KvCache.PAGE_TOKENS;
        for (int index = before / KvCache.PAGE_TOKENS; index < last && prefixes.takes(); index++) {
            MemorySegment page = prefixes.emptyPage();
            cache.read(sequence.row(), index, page);
            prefixes.save(prompt, index, page);
        }
    }

    /// Every sequence there is, for ending them all.
    List<Sequence> everyone() {
        List<Sequence> all = new ArrayList<>(active);
        accounts.values().forEach(account -> all.addAll(account.waiting));
        return all;
    }

    private static boolean before(Account one, Account other) {
        int byPriority = Integer.compare(
                one.waiting.peek().request().client().priority(),
                other.waiting.peek().request().client().priority());
        if (byPriority != 0) {
            return byPriority < 0;
        }
        if (one.served != other.served) {
            return one.served < other.served;
        }
        return one.waiting.peek().arrival() < other.waiting.peek().arrival();
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

    /// Whether there is a free row, now or because a key with more than its share gave one back.
    private boolean makeRow(Account wanting, Sequence sequence) {
        if (cache.hasFreeRow()) {
            return true;
        }
        int share = Math.max(1, maxSequences / accounts.size());
        Account largest = accounts.values().stream()
                .max(Comparator.comparingInt(account -> account.running))
                .orElseThrow();
        if (wanting.running >= share || largest.running <= share) {
            return false;
        }
        int priority = sequence.request().client().priority();
        Sequence youngest = active.stream()
                .filter(each -> account(each) == largest)
                .filter(each -> each.request().client().priority() >= priority)
                .max(SENIORITY)
                .orElse(null);
        if (youngest == null) {
            return false;
        }
        preempt(youngest);
        return true;
    }

    /// Whether there are pages for what the sequence has so far and one token more, beyond what it would find cached.
    private boolean fits(Sequence sequence) {
        int tokens = Math.min(sequence.length() + 1, sequence.tokensToRun());
        int found = cache.reusable(sequence.ids(), sequence.reusableTokens());
        int missing = KvCache.pagesFor(tokens) - KvCache.pagesFor(found);
        // Pages that are found may be idle: they are counted as available but would not be after their reuse.
        return missing + KvCache.pagesFor(found) <= cache.availablePages() || missing <= cache.freePages();
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
        if (!sequence.started()) {
            int prompt = sequence.request().prompt().length;
            admission.start(sequence.request().client().key(), prompt);
            counters.started(prompt, held);
        }
        sequence.start(row, held);
        account.running++;
        active.add(sequence);
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

    /// Holds pages for the tokens and puts them into the plan; takes pages from the youngest that are not in it yet,
    /// and steps back itself where there are none.
    /// @return tokens planned
    private int take(Sequence sequence, int tokens) {
        while (!cache.extend(sequence.row(), sequence.computed() + tokens)) {
            if (unplanned.isEmpty()) {
                int fitting = Math.min(tokens, cache.capacity(sequence.row()) - sequence.computed());
                if (fitting < 1 || !cache.extend(sequence.row(), sequence.computed() + fitting)) {
                    preempt(sequence);
                    return 0;
                }
                plan.add(new Planned(sequence, fitting));
                return fitting;
            }
            Sequence youngest = unplanned.stream().max(SENIORITY).orElseThrow();
            preempt(youngest);
        }
        plan.add(new Planned(sequence, tokens));
        return tokens;
    }

    private void preempt(Sequence sequence) {
        active.remove(sequence);
        unplanned.remove(sequence);
        stop(sequence);
        account(sequence).waiting.add(sequence);
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
    }

    private void stop(Sequence sequence) {
        cache.release(sequence.row());
        sequence.stop();
        account(sequence).running--;
    }

    private Account account(Sequence sequence) {
        return accounts.get(sequence.request().client().key());
    }
}
