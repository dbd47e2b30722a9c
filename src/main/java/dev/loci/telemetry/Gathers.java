package dev.loci.telemetry;

import java.util.Arrays;

/// What the memory layers gathered in the current step. Allocates nothing once it has seen the deepest model.
final class Gathers {
    private static final int FIELDS = 6;

    private long[] values = new long[FIELDS * 16];
    private int count;

    /// One gather.
    /// @param ended as [System#nanoTime] gives it
    record Gather(int table, long hits, long uniqueRows, long nanos, long faults, long ended) {}

    void clear() {
        count = 0;
    }

    void add(int table, long hits, long uniqueRows, long nanos, long faults) {
        if ((count + 1) * FIELDS > values.length) {
            values = Arrays.copyOf(values, 2 * values.length);
        }
        int at = count++ * FIELDS;
        values[at] = table;
        values[at + 1] = hits;
        values[at + 2] = uniqueRows;
        values[at + 3] = nanos;
        values[at + 4] = faults;
        values[at + 5] = System.nanoTime();
    }

    int count() {
        return count;
    }

    Gather get(int index) {
        int at = index * FIELDS;
        return new Gather(
                (int) values[at], values[at + 1], values[at + 2], values[at + 3], values[at + 4], values[at + 5]);
    }
}
