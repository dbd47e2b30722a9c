/* The scan of a top-m search: most scores are dropped by one comparison of a block's greatest with the worst kept. */

/* A number whose order as an integer is the order of the scores: -0 equals 0, a NaN is below all. */
static inline int32_t score_order(float score) {
    float positive_zero = score + 0.0f;
    int32_t bits;
    memcpy(&bits, &positive_zero, sizeof bits);
    int32_t order = bits ^ (int32_t)((uint32_t)(bits >> 31) >> 1);
    return score != score ? INT32_MIN : order;
}

static void offer(loci_best *best, const float *scores, int64_t step, int64_t stride, const float *factors,
                  int32_t rank, int32_t count, int32_t first) {
    enum { BLOCK_SCORES = 64 };
    for (int32_t start = 0; start < count; start += BLOCK_SCORES) {
        int32_t size = count - start < BLOCK_SCORES ? count - start : BLOCK_SCORES;
        float sums[BLOCK_SCORES];
        int32_t order[BLOCK_SCORES];
        const float *from = scores + start * step;
        if (rank == 2 && step == 2 && stride == 1) { /* the same sums, in a form that vectorises */
            for (int32_t j = 0; j < size; j++) {
                sums[j] = factors[0] * from[2 * j] + factors[1] * from[2 * j + 1];
            }
        } else {
            for (int32_t j = 0; j < size; j++) {
                sums[j] = factors[0] * from[j * step];
            }
            for (int32_t p = 1; p < rank; p++) {
                for (int32_t j = 0; j < size; j++) {
                    sums[j] += factors[p] * from[j * step + p * stride];
                }
            }
        }
        int32_t greatest = INT32_MIN;
        for (int32_t j = 0; j < size; j++) {
            order[j] = score_order(sums[j]);
            greatest = order[j] > greatest ? order[j] : greatest;
        }
        if (best->size == best->capacity && greatest <= (int32_t)(best->entries[0] >> 32)) {
            continue; /* an equal score comes too late: lower indices are first */
        }
        for (int32_t j = 0; j < size; j++) {
            if (best->size < best->capacity || order[j] > (int32_t)(best->entries[0] >> 32)) {
                loci_best_add(best, (int64_t)((uint64_t)(uint32_t)order[j] << 32 | ~(uint32_t)(first + start + j)));
            }
        }
    }
}
