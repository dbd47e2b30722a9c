package dev.loci.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/// What one key has running, waits for and has been served. Owned by the step loop thread.
final class Account {
    /// Who goes first of one key.
    static final Comparator<Sequence> SENIORITY = Comparator.comparingInt(
                    (Sequence sequence) -> sequence.request().client().priority())
            .thenComparingLong(Sequence::arrival);

    /// Who goes first of all: the key's need decides before the priority, which clients choose.
    static final Comparator<Sequence> TURN =
            Comparator.comparing(Sequence::account, Account::compareNeed).thenComparing(SENIORITY);

    private final String key;
    private final PriorityQueue<Sequence> waiting = new PriorityQueue<>(SENIORITY);
    private final List<Sequence> paused = new ArrayList<>();
    private int running;
    private double served;

    /// @param served with which it begins
    Account(String key, double served) {
        this.key = key;
        this.served = served;
    }

    String key() {
        return key;
    }

    PriorityQueue<Sequence> waiting() {
        return waiting;
    }

    /// Sequences that are to go on later, and neither wait nor run.
    List<Sequence> paused() {
        return paused;
    }

    /// Whether it asks for anything now.
    boolean competes() {
        return running > 0 || !waiting.isEmpty();
    }

    /// Comes back to keys that went on meanwhile.
    /// @param least that one of them has been served
    void comeBack(double least) {
        served = Math.max(served, least);
    }

    /// Sequences with a row.
    int running() {
        return running;
    }

    void run(int more) {
        running += more;
    }

    double served() {
        return served;
    }

    void charge(double cost) {
        served += cost;
    }

    boolean isEmpty() {
        return !competes() && paused.isEmpty();
    }

    /// Below 0 where this key goes first: the one served less and, of keys served alike, the one with less running.
    /// A key that comes back counts as served like the least of the others, and must not queue behind their crowd.
    int compareNeed(Account other) {
        int byService = Double.compare(served, other.served);
        return byService != 0 ? byService : Integer.compare(running, other.running);
    }
}
