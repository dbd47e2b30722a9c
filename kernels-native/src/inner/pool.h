/* Weighted sums of table rows: each hit is added to its group's sum, which stays in the first-level cache. */
#include "dot.h"

enum { AHEAD = 16 };

LOCI_INLINE void pool_span(const uint8_t *row, int type, bool high, int32_t from, int32_t to, float weight,
                           float *out) {
    vf w = vf_set1(weight);
    int32_t d = from;
    for (; d + LANES <= to; d += LANES) {
        vf v = type != LOCI_I4 ? load_elements(row, d, type) : high ? vf_load_high4(row + d) : vf_load_low4(row + d);
        vf_store(out + d, vf_fma(w, v, vf_load(out + d)));
    }
    if (d < to) {
        int n = to - d;
        vf v = type != LOCI_I4 ? load_elements_part(row, d, n, type)
               : high          ? vf_load_high4_part(row + d, n)
                               : vf_load_low4_part(row + d, n);
        vf_store_part(out + d, vf_fma(w, v, vf_load_part(out + d, n)), n);
    }
}

/* Columns [from, to) of a row (of I4: bytes, their low or high halves, which are columns from `base` on), core by core.
 */
LOCI_INLINE void pool_columns(const uint8_t *row, int type, bool high, int32_t base, int32_t from, int32_t to,
                              int32_t core_width, const float *weights, float scale, float *out) {
    while (from < to) {
        int32_t core = (base + from) / core_width;
        int32_t end = (core + 1) * core_width - base;
        end = end < to ? end : to;
        pool_span(row, type, high, from, end, weights[core] * scale, out + base);
        from = end;
    }
}

static inline const uint8_t *pool_row(const loci_pool_job *job, int32_t row) {
    const loci_table_part *parts = job->parts;
    int32_t low = 0, high = job->args->part_count - 1;
    while (low < high) {
        int32_t middle = low + (high - low + 1) / 2;
        if (parts[middle].first_row <= row) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return (const uint8_t *)parts[low].data + (row - parts[low].first_row) * job->args->stride;
}

LOCI_INLINE void pool_typed(const loci_pool_job *job, int type) {
    const loci_pool_args *args = job->args;
    int32_t hits = args->hits, dim = args->dim, half = dim / 2, core_width = dim / args->core_count;
    const int32_t *rows = (const int32_t *)args->rows.data + (int64_t)job->token * hits;
    const int32_t *groups = (const int32_t *)args->groups.data + (int64_t)job->token * hits;
    const float *weights = (const float *)args->weights.data + (int64_t)job->token * hits * args->core_count;
    float *out = (float *)args->out.data + (int64_t)job->token * args->group_count * dim;
    int64_t element = type == LOCI_F32 ? 4 : type == LOCI_BF16 || type == LOCI_F16 ? 2 : 1;
    int64_t first_byte = job->first * element, end_byte = job->end * element;
    int64_t scale_at = type == LOCI_I8 ? dim : type == LOCI_I4 ? half : -1;

    for (int32_t g = 0; g < args->group_count; g++) {
        memset(out + (int64_t)g * dim + job->first, 0, (size_t)(job->end - job->first) * sizeof *out);
        if (type == LOCI_I4) {
            memset(out + (int64_t)g * dim + half + job->first, 0, (size_t)(job->end - job->first) * sizeof *out);
        }
    }
    for (int32_t k = -AHEAD; k < hits; k++) {
        if (k + AHEAD < hits) {
            const uint8_t *next = pool_row(job, rows[k + AHEAD]);
            for (int64_t byte = first_byte; byte < end_byte; byte += 64) {
                __builtin_prefetch(next + byte, 0, 2);
            }
            __builtin_prefetch(next + end_byte - 1, 0, 2);
            if (scale_at >= 0) {
                __builtin_prefetch(next + scale_at, 0, 2);
            }
        }
        if (k < 0) {
            continue;
        }
        const uint8_t *row = pool_row(job, rows[k]);
        const float *w = weights + (int64_t)k * args->core_count;
        float scale = scale_at >= 0 ? loci_read_f32(row + scale_at) : 1.0f;
        float *sum = out + (int64_t)groups[k] * dim;
        pool_columns(row, type, false, 0, job->first, job->end, core_width, w, scale, sum);
        if (type == LOCI_I4) {
            pool_columns(row, type, true, half, job->first, job->end, core_width, w, scale, sum);
        }
    }
}

static void pool(const loci_pool_job *job) {
    switch (job->args->type) {
    case LOCI_F32:
        pool_typed(job, LOCI_F32);
        break;
    case LOCI_BF16:
        pool_typed(job, LOCI_BF16);
        break;
    case LOCI_F16:
        pool_typed(job, LOCI_F16);
        break;
    case LOCI_I8:
        pool_typed(job, LOCI_I8);
        break;
    default:
        pool_typed(job, LOCI_I4);
    }
}
