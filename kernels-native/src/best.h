/* A heap of the best entries, the worst on top. An entry is a score's order (upper half) and ~index (lower half), so no
 * two are equal and the lower index wins among equal scores. */
#ifndef LOCI_BEST_H
#define LOCI_BEST_H

#include "internal.h"

static inline void loci_best_sink(int64_t *entries, int32_t size, int64_t entry) {
    int32_t at = 0;
    for (int32_t child; (child = 2 * at + 1) < size; at = child) {
        child += child + 1 < size && entries[child + 1] < entries[child];
        if (entries[child] >= entry) {
            break;
        }
        entries[at] = entries[child];
    }
    entries[at] = entry;
}

/* Adds an entry; in a full heap it replaces the worst, which the caller has found to be below it. */
static inline void loci_best_add(loci_best *best, int64_t entry) {
    if (best->size == best->capacity) {
        loci_best_sink(best->entries, best->size, entry);
        return;
    }
    int32_t at = best->size++;
    for (int32_t parent; at > 0 && best->entries[parent = (at - 1) / 2] > entry; at = parent) {
        best->entries[at] = best->entries[parent];
    }
    best->entries[at] = entry;
}

/* Takes the heap apart: entries from the best to the worst. */
static inline void loci_best_sort(loci_best *best) {
    for (int32_t size = best->size; size > 1; size--) {
        int64_t worst = best->entries[0], last = best->entries[size - 1];
        loci_best_sink(best->entries, size - 1, last);
        best->entries[size - 1] = worst;
    }
}

static inline int32_t loci_best_index(int64_t entry) { return (int32_t) ~(uint32_t)entry; }

#endif
