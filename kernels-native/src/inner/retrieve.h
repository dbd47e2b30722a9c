/* The two halves of a top-m search: score sums, and the choice of the best, without a heap where few are wanted. Most
 * scores never reach the heap either: a bound that the best `capacity` reach is found from the greatest of as many
 * disjoint groups. */
#ifndef LOCI_INLINE
#define LOCI_INLINE static inline __attribute__((always_inline))
#endif

enum { OFFER_CHUNK = 512, OFFER_GROUPS = 64 };

/* A number whose order as an integer is the order of the scores: -0 equals 0, a NaN is below all. */
static inline int32_t score_order(float score) {
    float positive_zero = score + 0.0f;
    int32_t bits;
    memcpy(&bits, &positive_zero, sizeof bits);
    int32_t order = bits ^ (int32_t)((uint32_t)(bits >> 31) >> 1);
    return score != score ? INT32_MIN : order;
}

static void score_sums(const float *scores, int64_t step, int64_t stride, const float *factors, int32_t rank,
                       int32_t count, float *sums) {
    if (rank == 2 && step == 2 && stride == 1) { /* the same sums, in a form that vectorises */
        for (int32_t j = 0; j < count; j++) {
            sums[j] = factors[0] * scores[2 * j] + factors[1] * scores[2 * j + 1];
        }
        return;
    }
    if (rank == 2 && step == 1) {
        for (int32_t j = 0; j < count; j++) {
            sums[j] = factors[0] * scores[j] + factors[1] * scores[j + stride];
        }
        return;
    }
    for (int32_t j = 0; j < count; j++) {
        sums[j] = factors[0] * scores[j * step];
    }
    for (int32_t p = 1; p < rank; p++) {
        for (int32_t j = 0; j < count; j++) {
            sums[j] += factors[p] * scores[j * step + p * stride];
        }
    }
}

/* An order that at least `capacity` of these reach, or the lowest where that is not worth finding. */
static int32_t reached(const int32_t *order, int32_t count, int32_t capacity) {
    int32_t groups = (capacity + 15) & ~15;
    if (groups > OFFER_GROUPS || 2 * groups > count) {
        return INT32_MIN;
    }
    int32_t greatest[OFFER_GROUPS];
    memcpy(greatest, order, (size_t)groups * sizeof *greatest);
    for (int32_t start = groups; start + groups <= count; start += groups) {
        for (int32_t g = 0; g < groups; g += 16) {
            for (int32_t i = g; i < g + 16; i++) {
                greatest[i] = order[start + i] > greatest[i] ? order[start + i] : greatest[i];
            }
        }
    }
    int32_t least = greatest[0];
    for (int32_t g = 1; g < groups; g++) {
        least = greatest[g] < least ? greatest[g] : least;
    }
    return least;
}

/* Indices of the orders from `bound` on. */
static int32_t picked(const int32_t *order, int32_t count, int32_t bound, int32_t *index) {
    int32_t found = 0, start = 0;
#if LANES == 16
    __m512i lanes = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    for (; start + LANES <= count; start += LANES) {
        __mmask16 high = _mm512_cmpge_epi32_mask(_mm512_loadu_si512(order + start), _mm512_set1_epi32(bound));
        __m512i here = _mm512_add_epi32(lanes, _mm512_set1_epi32(start));
        _mm512_storeu_si512(index + found, _mm512_maskz_compress_epi32(high, here));
        found += __builtin_popcount(high);
    }
#endif
    for (; start < count; start++) {
        index[found] = start;
        found += order[start] >= bound;
    }
    return found;
}

/* The places that orders take by rank, the lower index first among equals. Up to 16 numbers behind them are read. */
LOCI_INLINE void places(const int32_t *order, int32_t count, int32_t *place) {
    typedef int32_t lanes __attribute__((vector_size(64)));
    for (int32_t start = 0; start < count; start += 16) {
        lanes own, before = {0}, lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
        memcpy(&own, order + start, sizeof own);
        int32_t j = 0, end = start + 16 < count ? start + 16 : count;
        for (; j < start; j++) {
            before -= order[j] >= own;
        }
        for (; j < end; j++) {
            before -= (order[j] > own) | ((order[j] == own) & (lane > j - start));
        }
        for (; j < count; j++) {
            before -= order[j] > own;
        }
        memcpy(place + start, &before, sizeof before);
    }
}

/* The greatest order that at least `top` of these reach, as seen from the greatest of twice as many disjoint groups;
 * the lowest where that is not worth finding. */
static int32_t reached_by_groups(const int32_t *order, int32_t count, int32_t top) {
    int32_t groups = 2 * ((top + 15) & ~15), greatest[2 * LOCI_CHOOSE_TOP], place[2 * LOCI_CHOOSE_TOP];
    if (2 * groups > count) {
        return INT32_MIN;
    }
    memcpy(greatest, order, (size_t)groups * sizeof *greatest);
    for (int32_t start = groups; start + groups <= count; start += groups) {
        for (int32_t g = 0; g < groups; g += 16) {
            for (int32_t i = g; i < g + 16; i++) {
                greatest[i] = order[start + i] > greatest[i] ? order[start + i] : greatest[i];
            }
        }
    }
    places(greatest, groups, place);
    int32_t least = INT32_MAX;
    for (int32_t g = 0; g < groups; g++) {
        int32_t one = place[g] < top ? greatest[g] : INT32_MAX;
        least = one < least ? one : least;
    }
    return least;
}

/* Few scores reach the bound; among those each one's place is found by comparing all with all. */
static bool choose(const float *scores, int32_t count, int32_t top, bool ranked, int32_t *index) {
    enum { FEW = 128 };
    int32_t order[LOCI_CHOOSE_MAX], reaching[LOCI_CHOOSE_MAX + 16]; /* picked writes whole vectors */
    if (top > LOCI_CHOOSE_TOP || count > LOCI_CHOOSE_MAX) {
        return false;
    }
    for (int32_t j = 0; j < count; j++) {
        order[j] = score_order(scores[j]);
    }
    int32_t few = picked(order, count, reached_by_groups(order, count, top), reaching);
    if (few > FEW) {
        return false;
    }
    int32_t own[FEW + 16], place[FEW + 16], chosen[FEW + 1];
    for (int32_t k = 0; k < few; k++) {
        own[k] = order[reaching[k]];
    }
    memset(own + few, 0, 16 * sizeof *own);
    places(own, few, place);
    int32_t found = 0;
    for (int32_t k = 0; k < few; k++) {
        chosen[ranked ? place[k] : found] = reaching[k];
        found += place[k] < top;
    }
    memcpy(index, chosen, (size_t)top * sizeof *index);
    return true;
}

static void offer(loci_best *best, const float *scores, int32_t count, int32_t first) {
    for (int32_t start = 0; start < count; start += OFFER_CHUNK) {
        int32_t size = count - start < OFFER_CHUNK ? count - start : OFFER_CHUNK;
        int32_t order[OFFER_CHUNK], index[OFFER_CHUNK + 16]; /* picked writes whole vectors */
        for (int32_t j = 0; j < size; j++) {
            order[j] = score_order(scores[start + j]);
        }
        int32_t bound;
        if (best->size == best->capacity) {
            bound = (int32_t)(best->entries[0] >> 32) + 1; /* an equal score comes too late: lower indices are first */
        } else {
            bound = reached(order, size, best->capacity);
        }
        int32_t found = picked(order, size, bound, index);
        for (int32_t k = 0; k < found; k++) {
            int32_t j = index[k];
            if (best->size < best->capacity || order[j] > (int32_t)(best->entries[0] >> 32)) {
                loci_best_add(best, (int64_t)((uint64_t)(uint32_t)order[j] << 32 | ~(uint32_t)(first + start + j)));
            }
        }
    }
}
