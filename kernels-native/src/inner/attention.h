/* Attention of a few queries over one head of the cache, in blocks of BLOCK positions counted from 0, joined in splits
 * of LOCI_ATTEND_SPLIT. What a query gets depends on its own number of keys alone: the tile it is in only shares the
 * loading of rows, and whoever joins the splits does so in the order of their keys. */
#include "dot.h"

enum { BLOCK = 64 };
_Static_assert(LOCI_ATTEND_SPLIT % BLOCK == 0, "a split is whole blocks");

typedef struct {
    float scores[LOCI_ATTEND_MAX][BLOCK];
    float out[LOCI_ATTEND_MAX][LOCI_HEAD_DIM_MAX];
    float top[LOCI_ATTEND_MAX];
    float sum[LOCI_ATTEND_MAX];
    const uint8_t *keys[BLOCK];
    const uint8_t *values[BLOCK];
    const uint8_t *next[BLOCK]; /* keys of the block that comes next */
} attend_state;

/* Pages lie apart, so the hardware does not foresee where the next begins. */
LOCI_INLINE void fetch_row(const uint8_t *row, int64_t bytes) {
    for (int64_t at = 0; at < bytes; at += 64) {
        __builtin_prefetch(row + at, 0, 3);
    }
}

LOCI_INLINE void attend_scores(const loci_attend_job *job, attend_state *state, int type, int first, int queries,
                               int32_t count, int64_t row_bytes) {
    int32_t dim = job->kv->head_dim;
    for (int32_t key = 0; key < count; key += 4) {
        const uint8_t *rows[8];
        float sums[TILE_TOKENS][8];
        for (int r = 0; first == 0 && r < 4; r++) {
            fetch_row(state->values[key + r < count ? key + r : count - 1], row_bytes);
        }
        for (int r = 0; r < 4; r++) {
            rows[r] = state->keys[key + r < count ? key + r : count - 1];
        }
        dot_tile(4, queries, type, rows, job->q + first, dim, sums);
        for (int t = 0; t < queries; t++) {
            for (int r = 0; r < 4; r++) { /* BLOCK is a multiple of 4: no row is written past */
                float scale = type == LOCI_I8 ? loci_read_f32(rows[r] + dim) : 1.0f;
                state->scores[first + t][key + r] = sums[t][r] * scale;
            }
        }
    }
}

/* out[t][column..] += sum over keys in [from, to) of scores[t][key] * value row, `vectors` vectors wide. */
LOCI_INLINE void attend_values(attend_state *state, int type, int first, int queries, int vectors, int32_t column,
                               int part, int32_t from, int32_t to, int64_t row_bytes) {
    vf total[TILE_TOKENS][4];
#pragma GCC unroll 4
    for (int t = 0; t < queries; t++) {
#pragma GCC unroll 4
        for (int k = 0; k < vectors; k++) {
            const float *at = state->out[first + t] + column + k * LANES;
            total[t][k] = part ? vf_load_part(at, part) : vf_load(at);
        }
    }
    for (int32_t key = from; key < to; key++) {
        const uint8_t *row = state->values[key];
        if (first == 0 && column == 0) {
            fetch_row(state->next[key], row_bytes);
        }
        vf v[4];
#pragma GCC unroll 4
        for (int k = 0; k < vectors; k++) {
            v[k] = part ? load_elements_part(row, column, part, type) : load_elements(row, column + k * LANES, type);
        }
#pragma GCC unroll 4
        for (int t = 0; t < queries; t++) {
            vf p = vf_set1(state->scores[first + t][key]);
#pragma GCC unroll 4
            for (int k = 0; k < vectors; k++) {
                total[t][k] = vf_fma(p, v[k], total[t][k]);
            }
        }
    }
#pragma GCC unroll 4
    for (int t = 0; t < queries; t++) {
#pragma GCC unroll 4
        for (int k = 0; k < vectors; k++) {
            float *at = state->out[first + t] + column + k * LANES;
            if (part) {
                vf_store_part(at, total[t][k], part);
            } else {
                vf_store(at, total[t][k]);
            }
        }
    }
}

LOCI_INLINE void attend_all_values(attend_state *state, int type, int first, int queries, int32_t dim, int32_t from,
                                   int32_t to, int64_t row_bytes) {
    int32_t column = 0;
    for (; column + 4 * LANES <= dim; column += 4 * LANES) {
        attend_values(state, type, first, queries, 4, column, 0, from, to, row_bytes);
    }
    for (; column + LANES <= dim; column += LANES) {
        attend_values(state, type, first, queries, 1, column, 0, from, to, row_bytes);
    }
    if (column < dim) {
        attend_values(state, type, first, queries, 1, column, dim - column, from, to, row_bytes);
    }
}

/* The keys that all queries of the tile see are read once for all of them. */
LOCI_INLINE void attend_tile_values(attend_state *state, int type, int first, int queries, int32_t dim,
                                    const int32_t *seen, int64_t row_bytes) {
    int32_t common = seen[first];
    for (int i = 1; i < queries; i++) {
        common = seen[first + i] < common ? seen[first + i] : common;
    }
    if (common > 0) {
        attend_all_values(state, type, first, queries, dim, 0, common, row_bytes);
    }
    for (int i = 0; i < queries; i++) {
        if (common < seen[first + i]) {
            attend_all_values(state, type, first + i, 1, dim, common, seen[first + i], row_bytes);
        }
    }
}

/* Turns the scores of a block into weights relative to the greatest score so far. */
static void attend_softmax(attend_state *state, int t, float scale, int32_t count, int32_t dim) {
    float *scores = state->scores[t];
    int32_t whole = (count + LANES - 1) / LANES * LANES; /* BLOCK is a multiple of LANES */
    for (int32_t i = count; i < whole; i++) {
        scores[i] = -INFINITY;
    }
    vf top = vf_load(scores) * vf_set1(scale);
    vf_store(scores, top);
    for (int32_t i = LANES; i < whole; i += LANES) {
        vf scaled = vf_load(scores + i) * vf_set1(scale);
        vf_store(scores + i, scaled);
        top = vf_max(top, scaled);
    }
    float block_top = vf_top(top), old_top = state->top[t];
    float new_top = block_top > old_top ? block_top : old_top;
    vf sum = vf_zero();
    for (int32_t i = 0; i < whole; i += LANES) {
        vf p = vf_exp(vf_load(scores + i) - vf_set1(new_top));
        sum = sum + p;
        vf_store(scores + i, p);
    }
    if (new_top > old_top && old_top > -INFINITY) { /* before the first key, there is nothing to fade */
        float fade[LANES];
        vf_store(fade, vf_exp(vf_set1(old_top - new_top)));
        state->sum[t] *= fade[0];
        for (int32_t i = 0; i < dim; i++) {
            state->out[t][i] *= fade[0];
        }
    }
    state->sum[t] += vf_sum(sum);
    state->top[t] = new_top;
}

/* Where keys [start, start + count) of a head lie: their rows, and those of their values where they are wanted. */
LOCI_INLINE void attend_rows(const loci_kv *kv, const int32_t *pages, int32_t head, int64_t start, int32_t count,
                             int64_t row_bytes, const uint8_t **keys, const uint8_t **values) {
    int shift = __builtin_ctz((unsigned)kv->page_tokens);
    for (int32_t i = 0; i < count;) { /* page by page */
        int64_t position = start + i, within = position & (kv->page_tokens - 1);
        int64_t page = (int64_t)pages[position >> shift] * kv->kv_heads + head;
        int64_t at = ((page << shift) + within) * row_bytes;
        int32_t end = (int32_t)loci_min(i + kv->page_tokens - within, count);
        for (; i < end; i++, at += row_bytes) {
            keys[i] = (const uint8_t *)kv->keys.data + at;
            if (values != NULL) {
                values[i] = (const uint8_t *)kv->values.data + at;
            }
        }
    }
}

/* The block after this one: of the same keys, or the first of the next job; keys of this one again where it is short.
 */
LOCI_INLINE void attend_next(const loci_attend_job *job, attend_state *state, int64_t start, int64_t last,
                             int32_t count, int64_t row_bytes) {
    int32_t next = 0;
    if (start < last) {
        next = (int32_t)loci_min(BLOCK, last - start);
        attend_rows(job->kv, job->pages, job->kv_head, start, next, row_bytes, state->next, NULL);
    } else if (job->next_pages != NULL) {
        next = (int32_t)loci_min(BLOCK, job->next_end - job->next_first);
        attend_rows(job->kv, job->next_pages, job->next_kv_head, job->next_first, next, row_bytes, state->next, NULL);
    }
    for (int32_t i = next; i < count; i++) {
        state->next[i] = state->keys[i];
    }
}

/* The keys [first, end), of which the last that any query sees is `last` - 1. */
LOCI_INLINE void attend_keys(const loci_attend_job *job, attend_state *state, int type, int64_t first, int64_t end,
                             int64_t last, int64_t row_bytes, float scale) {
    int32_t dim = job->kv->head_dim;
    for (int t = 0; t < job->queries; t++) {
        state->top[t] = -INFINITY;
        state->sum[t] = 0;
        memset(state->out[t], 0, (size_t)dim * sizeof(float));
    }
    for (int64_t start = first; start < end; start += BLOCK) {
        int32_t count = end - start < BLOCK ? (int32_t)(end - start) : BLOCK;
        attend_rows(job->kv, job->pages, job->kv_head, start, count, row_bytes, state->keys, state->values);
        attend_next(job, state, start + BLOCK, last, count, row_bytes);
        int t = 0;
        for (; t + TILE_TOKENS <= job->queries; t += TILE_TOKENS) {
            attend_scores(job, state, type, t, TILE_TOKENS, count, row_bytes);
        }
        for (; t + 2 <= job->queries; t += 2) { /* the heads of one token that share a head of the cache */
            attend_scores(job, state, type, t, 2, count, row_bytes);
        }
        for (; t < job->queries; t++) {
            attend_scores(job, state, type, t, 1, count, row_bytes);
        }
        int32_t seen[LOCI_ATTEND_MAX];
        for (t = 0; t < job->queries; t++) {
            int64_t left = job->keys[t] - start;
            seen[t] = left <= 0 ? 0 : left < count ? (int32_t)left : count;
            if (seen[t] > 0) {
                attend_softmax(state, t, scale, seen[t], dim);
            }
            for (int32_t i = 0; type == LOCI_I8 && i < seen[t]; i++) {
                state->scores[t][i] *= loci_read_f32(state->values[i] + dim);
            }
        }
        for (t = 0; t + TILE_TOKENS <= job->queries; t += TILE_TOKENS) {
            attend_tile_values(state, type, t, TILE_TOKENS, dim, seen, row_bytes);
        }
        for (; t + 2 <= job->queries; t += 2) {
            attend_tile_values(state, type, t, 2, dim, seen, row_bytes);
        }
        for (; t < job->queries; t++) {
            attend_all_values(state, type, t, 1, dim, 0, seen[t], row_bytes);
        }
    }
}

/* One copy of the code, so that a split is joined to the same bits by whoever does it. */
__attribute__((noinline)) static void attend_join(float *total, const float *part, int32_t dim) {
    float top = total[0] > part[0] ? total[0] : part[0], fades[2][LANES];
    vf_store(fades[0], vf_exp(vf_set1(total[0] - top)));
    vf_store(fades[1], vf_exp(vf_set1(part[0] - top)));
    total[0] = top;
    total[1] = total[1] * fades[0][0] + part[1] * fades[1][0];
    for (int32_t i = LOCI_ATTEND_FOUND; i < LOCI_ATTEND_FOUND + dim; i++) {
        total[i] = total[i] * fades[0][0] + part[i] * fades[1][0];
    }
}

LOCI_INLINE void attend_put(const attend_state *state, int t, int32_t dim, float *part) {
    part[0] = state->top[t];
    part[1] = state->sum[t];
    memcpy(part + LOCI_ATTEND_FOUND, state->out[t], (size_t)dim * sizeof *part);
}

/* Adds a split that begins at key `at` to what came before it. */
static void attend_add(const loci_attend_job *job, const attend_state *state, int64_t at,
                       float (*totals)[LOCI_ATTEND_FOUND + LOCI_HEAD_DIM_MAX]) {
    float part[LOCI_ATTEND_FOUND + LOCI_HEAD_DIM_MAX];
    int32_t dim = job->kv->head_dim;
    for (int t = 0; t < job->queries; t++) {
        if (at == 0) {
            attend_put(state, t, dim, totals[t]);
        } else if (job->keys[t] > at) {
            attend_put(state, t, dim, part);
            attend_join(totals[t], part, dim);
        }
    }
}

LOCI_INLINE void attend_typed(const loci_attend_job *job, int type) {
    int32_t dim = job->kv->head_dim;
    int64_t row_bytes = (int64_t)dim * (type == LOCI_F32 ? 4 : type == LOCI_I8 ? 1 : 2) + (type == LOCI_I8 ? 4 : 0);
    float scale = 1.0f / sqrtf((float)dim), totals[LOCI_ATTEND_MAX][LOCI_ATTEND_FOUND + LOCI_HEAD_DIM_MAX];
    attend_state state;
    int64_t first = 0, end = 0;
    for (int t = 0; t < job->queries; t++) {
        end = loci_max(end, job->keys[t]);
    }
    if (job->split >= 0) {
        first = (int64_t)job->split * LOCI_ATTEND_SPLIT;
        end = loci_min(end, first + LOCI_ATTEND_SPLIT);
    }
    bool joined = end - first > LOCI_ATTEND_SPLIT;
    for (int64_t at = first; at < end; at += LOCI_ATTEND_SPLIT) {
        attend_keys(job, &state, type, at, loci_min(end, at + LOCI_ATTEND_SPLIT), end, row_bytes, scale);
        if (joined) {
            attend_add(job, &state, at, totals);
        }
    }
    for (int t = 0; t < job->queries; t++) {
        if (job->split >= 0) {
            attend_put(&state, t, dim, job->out[t]);
            continue;
        }
        const float *found = joined ? totals[t] + LOCI_ATTEND_FOUND : state.out[t];
        float sum = joined ? totals[t][1] : state.sum[t];
        for (int32_t i = 0; i < dim; i++) {
            job->out[t][i] = found[i] / sum;
        }
    }
}

static void attend(const loci_attend_job *job) {
    switch (job->kv->type) {
    case LOCI_F32:
        attend_typed(job, LOCI_F32);
        break;
    case LOCI_BF16:
        attend_typed(job, LOCI_BF16);
        break;
    case LOCI_F16:
        attend_typed(job, LOCI_F16);
        break;
    default:
        attend_typed(job, LOCI_I8);
    }
}
