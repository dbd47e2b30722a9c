package dev.loci.model;

import java.util.concurrent.atomic.AtomicLongArray;

/// Totals of what the memory layers gathered. One thread counts, any reads.
final class RowCounts {
    private final AtomicLongArray hits;
    private final AtomicLongArray unique;
    private final AtomicLongArray nanos;
    private final AtomicLongArray faults;

    RowCounts(int layers) {
        this.hits = new AtomicLongArray(layers);
        this.unique = new AtomicLongArray(layers);
        this.nanos = new AtomicLongArray(layers);
        this.faults = new AtomicLongArray(layers);
    }

    void count(int layer, long newHits, long newUnique, long newNanos, long newFaults) {
        add(hits, layer, newHits);
        add(unique, layer, newUnique);
        add(nanos, layer, newNanos);
        add(faults, layer, newFaults);
    }

    private static void add(AtomicLongArray totals, int layer, long more) {
        totals.setOpaque(layer, totals.getPlain(layer) + more);
    }

    long hits(int layer) {
        return hits.getOpaque(layer);
    }

    long uniqueRows(int layer) {
        return unique.getOpaque(layer);
    }

    long nanos(int layer) {
        return nanos.getOpaque(layer);
    }

    long faults(int layer) {
        return faults.getOpaque(layer);
    }
}
