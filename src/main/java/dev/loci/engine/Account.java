package dev.loci.engine;

import java.util.Comparator;
import java.util.PriorityQueue;

/// What one key has running, waits for and has been served. Owned by the step loop thread.
final class Account {
    static final Comparator<Sequence> SENIORITY = Comparator.comparingInt(
                    (Sequence sequence) -> sequence.request().client().priority())
            .thenComparingLong(Sequence::arrival);

    private final String key;
    private final PriorityQueue<Sequence> waiting = new PriorityQueue<>(SENIORITY);
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
        return running == 0 && waiting.isEmpty();
    }

    /// Below 0 where this key goes first: the one served less and, of keys served alike, the one with less running.
    /// A key that comes back counts as served like the least of the others, and must not queue behind their crowd.
    int compareNeed(Account other) {
        int byService = Double.compare(served, other.served);
        return byService != 0 ? byService : Integer.compare(running, other.running);
    }
}
