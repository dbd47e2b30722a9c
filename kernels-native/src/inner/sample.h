/* Passes over a row of logits. What is left of a row behind its last whole vector is padded with -FLT_MAX. */
#include <float.h>

static vf load_rest(const float *x, int32_t count) {
    float all[LANES];
    for (int32_t i = 0; i < LANES; i++) {
        all[i] = i < count ? x[i] : -FLT_MAX;
    }
    return vf_load(all);
}

/* Keeps the first block that holds the greatest, so that one more look at that block finds its place. */
static bool greatest(const float *x, int32_t count, int32_t *place) {
    enum { UNROLL = 4, BLOCK_COLUMNS = 32 * UNROLL * LANES };
    vf zeros[UNROLL]; /* x * 0: a NaN from where x is not finite */
    for (int k = 0; k < UNROLL; k++) {
        zeros[k] = vf_zero();
    }
    float top = -INFINITY;
    int32_t block = 0;
    for (int32_t start = 0; start < count; start += BLOCK_COLUMNS) {
        int32_t end = count - start < BLOCK_COLUMNS ? count : start + BLOCK_COLUMNS;
        vf tops[UNROLL];
        for (int k = 0; k < UNROLL; k++) {
            tops[k] = vf_set1(-FLT_MAX);
        }
        int32_t i = start;
        for (; i + UNROLL * LANES <= end; i += UNROLL * LANES) {
#pragma GCC unroll 4
            for (int k = 0; k < UNROLL; k++) {
                vf v = vf_load(x + i + k * LANES);
                tops[k] = vf_max(tops[k], v);
                zeros[k] = vf_fma(v, vf_zero(), zeros[k]);
            }
        }
        for (; i < end; i += LANES) {
            vf v = end - i >= LANES ? vf_load(x + i) : load_rest(x + i, end - i);
            tops[0] = vf_max(tops[0], v);
            zeros[0] = vf_fma(v, vf_zero(), zeros[0]);
        }
        float block_top = vf_top(vf_max(vf_max(tops[0], tops[1]), vf_max(tops[2], tops[3])));
        if (block_top > top) {
            top = block_top;
            block = start;
        }
    }
    *place = block;
    if (vf_sum(zeros[0] + zeros[1] + zeros[2] + zeros[3]) != 0) {
        return false;
    }
    while (x[*place] != top) {
        (*place)++;
    }
    return true;
}

LOCI_INLINE vf weight(const loci_weights *how, vf v) {
    vf w = vf_exp((v - vf_set1(how->max)) * vf_set1(how->scale));
    return vf_keep(v, vf_set1(how->floor), w);
}

static double weigh(const loci_weights *how, const float *x, int32_t count, double *blocks) {
    double total = 0;
    for (int32_t start = 0; start < count; start += LOCI_WEIGH_BLOCK) {
        int32_t end = count - start < LOCI_WEIGH_BLOCK ? count : start + LOCI_WEIGH_BLOCK;
        vd sum = vd_zero();
        int32_t i = start;
        for (; i + LANES <= end; i += LANES) {
            sum = vd_add(sum, weight(how, vf_load(x + i)));
        }
        if (i < end) {
            vf rest = weight(how, load_rest(x + i, end - i));
            float all[LANES];
            vf_store(all, rest);
            sum = vd_add(sum, vf_load_part(all, end - i));
        }
        blocks[start / LOCI_WEIGH_BLOCK] = vd_sum(sum);
        total += blocks[start / LOCI_WEIGH_BLOCK];
    }
    return total;
}

static void weights(const loci_weights *how, const float *x, int32_t count, float *out) {
    int32_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vf_store(out + i, weight(how, vf_load(x + i)));
    }
    if (i < count) {
        vf_store_part(out + i, weight(how, load_rest(x + i, count - i)), count - i);
    }
}

/* Most blocks hold nothing above the worst that is kept; of equals the first came first. */
static void take_greatest(loci_best *best, const float *x, int32_t count) {
    enum { BLOCK_COLUMNS = 4 * LANES };
    float worst = -INFINITY;
    for (int32_t start = 0; start < count; start += BLOCK_COLUMNS) {
        int32_t end = count - start < BLOCK_COLUMNS ? count : start + BLOCK_COLUMNS;
        if (best->size == best->capacity && end - start == BLOCK_COLUMNS) {
            vf first = vf_max(vf_load(x + start), vf_load(x + start + LANES));
            vf second = vf_max(vf_load(x + start + 2 * LANES), vf_load(x + start + 3 * LANES));
            if (vf_top(vf_max(first, second)) <= worst) {
                continue;
            }
        }
        for (int32_t i = start; i < end; i++) {
            if (best->size < best->capacity || x[i] > worst) {
                uint32_t order = (uint32_t)score_order(x[i]);
                loci_best_add(best, (int64_t)((uint64_t)order << 32 | ~(uint32_t)i));
                worst = x[loci_best_index(best->entries[0])];
            }
        }
    }
}

static int32_t collect(const float *x, int32_t count, float floor, int64_t *entries) {
    enum { BLOCK_COLUMNS = 64 };
    int32_t size = 0, least = score_order(floor);
    for (int32_t start = 0; start < count; start += BLOCK_COLUMNS) {
        int32_t end = count - start < BLOCK_COLUMNS ? count : start + BLOCK_COLUMNS;
        int32_t order[BLOCK_COLUMNS], top = INT32_MIN;
        for (int32_t i = start; i < end; i++) {
            order[i - start] = score_order(x[i]);
            top = order[i - start] > top ? order[i - start] : top;
        }
        for (int32_t i = start; top >= least && i < end; i++) {
            entries[size] = (int64_t)((uint64_t)(uint32_t)order[i - start] << 32 | ~(uint32_t)i);
            size += order[i - start] >= least; /* at most i + 1: what is written lies within count */
        }
    }
    return size;
}

/* What x - max loses by rounding is put back, to first order: the weight of a logit far below the greatest would be off
 * by that much, and where one id has nearly all, the rest is all that its log-probability consists of. */
LOCI_INLINE vf exact_weight(vf v, vf max) {
    vf d = v - max, back = d - v;
    vf lost = (v - (d - back)) - (max + back);
    vf w = vf_exp(d);
    return vf_fma(w, vf_max(lost, vf_set1(-1)), w); /* vf_max turns a NaN, from differences that overflow, into -1 */
}

static double exp_sum(const float *x, int32_t count, float max) {
    vd sum = vd_zero(), other = vd_zero();
    vf m = vf_set1(max);
    int32_t i = 0;
    for (; i + 2 * LANES <= count; i += 2 * LANES) {
        sum = vd_add(sum, exact_weight(vf_load(x + i), m));
        other = vd_add(other, exact_weight(vf_load(x + i + LANES), m));
    }
    for (; i < count; i += LANES) {
        int n = count - i < LANES ? count - i : LANES;
        float all[LANES];
        vf_store(all, exact_weight(load_rest(x + i, n), m));
        sum = vd_add(sum, vf_load_part(all, n));
    }
    return vd_sum(sum) + vd_sum(other);
}
