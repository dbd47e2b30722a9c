package dev.loci.model;

import java.util.concurrent.atomic.AtomicLongArray;

/// Totals of rows that the memory layers hit. One thread counts, any reads.
final class RowCounts {
    private final AtomicLongArray hits;
    private final AtomicLongArray unique;

    RowCounts(int layers) {
        this.hits = new AtomicLongArray(layers);
        this.unique = new AtomicLongArray(layers);
    }

    void count(int layer, long newHits, long newUnique) {
        hits.setOpaque(layer, hits.getPlain(layer) + newHits);
        unique.setOpaque(layer, unique.getPlain(layer) + newUnique);
    }

    long hits(int layer) {
        return hits.getOpaque(layer);
    }

    long uniqueRows(int layer) {
        return unique.getOpaque(layer);
    }
}
