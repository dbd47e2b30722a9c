/* Weighted sums of table rows: each hit is added to its group's sum, which stays in the first-level cache. */
#include "dot.h"

enum { LINE_BYTES = 64, LINES_AHEAD = 128, MIN_AHEAD = 4, MAX_AHEAD = 64, TOGETHER = 4, TOUCHED = 32, RING = 256 };
enum { SHORT_BYTES = 3 * LINE_BYTES, SHORT_AHEAD = 16 }; /* a row up to here is fetched as a whole when it is touched */

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

LOCI_INLINE int64_t pool_element(int type) {
    return type == LOCI_F32 ? 4 : type == LOCI_BF16 || type == LOCI_F16 ? 2 : 1;
}

/* Rows on their way into the caches, in the order of hits. A row is first touched by its first two lines, many rows at
 * a time, so that page walks run beside each other; its other lines are asked for one by one between the sums, so that
 * neither waits for the other. They go into the second-level cache: what is asked for far ahead would push the sums out
 * of the first. A short row is fetched as a whole when it is touched. */
typedef struct {
    const uint8_t *rows[RING];
    int64_t touched; /* hits so far */
    int64_t begun;   /* of those, hits whose lines are asked for or, of the last one, being asked for */
    int64_t until;   /* hits that may be begun */
    const uint8_t *line;
    const uint8_t *end;
    int64_t first_byte; /* of a row */
    int64_t end_byte;
} pool_stream;

LOCI_INLINE void pool_touch(const loci_pool_job *job, pool_stream *stream, const int32_t *rows, int64_t until,
                            bool whole) {
    for (; stream->touched < until; stream->touched++) {
        const uint8_t *row = pool_row(job, rows[stream->touched]);
        stream->rows[stream->touched % RING] = row;
        const uint8_t *from = row + stream->first_byte, *last = row + stream->end_byte - 1;
        __builtin_prefetch(from, 0, 2);
        __builtin_prefetch(from + LINE_BYTES, 0, 2);
        if (whole && last - from >= 2 * LINE_BYTES) {
            __builtin_prefetch(from + 2 * LINE_BYTES, 0, 2);
        }
        if (whole) {
            __builtin_prefetch(last, 0, 2);
        }
    }
}

LOCI_INLINE void pool_begin(pool_stream *stream) {
    const uint8_t *row = stream->rows[stream->begun++ % RING], *from = row + stream->first_byte;
    stream->line = from - (uintptr_t)from % LINE_BYTES + 2 * LINE_BYTES;
    stream->end = row + stream->end_byte;
}

/* The lines for so many bytes of sums. */
LOCI_INLINE void pool_step(pool_stream *stream, int bytes) {
    for (int i = 0; i < bytes; i += LINE_BYTES) {
        if (stream->line >= stream->end) {
            if (stream->begun >= stream->until) {
                return;
            }
            pool_begin(stream);
        }
        __builtin_prefetch(stream->line, 0, 2);
        stream->line += LINE_BYTES;
    }
}

/* All lines of the first `hits` rows. */
LOCI_INLINE void pool_catch_up(pool_stream *stream, int64_t hits) {
    while (stream->begun <= hits) {
        for (; stream->line < stream->end; stream->line += LINE_BYTES) {
            __builtin_prefetch(stream->line, 0, 2);
        }
        if (stream->begun == hits) {
            return;
        }
        pool_begin(stream);
    }
}

/* Hits in a row that go into the same sum. */
typedef struct {
    const uint8_t *rows[TOGETHER];
    const float *weights[TOGETHER]; /* by core */
    float scales[TOGETHER];
    float *sum; /* all columns */
} pool_hits;

LOCI_INLINE vf pool_load(const uint8_t *row, int32_t d, int type, bool high) {
    return type != LOCI_I4 ? load_elements(row, d, type) : high ? vf_load_high4(row + d) : vf_load_low4(row + d);
}

LOCI_INLINE vf pool_load_part(const uint8_t *row, int32_t d, int n, int type, bool high) {
    return type != LOCI_I4 ? load_elements_part(row, d, n, type)
           : high          ? vf_load_high4_part(row + d, n)
                           : vf_load_low4_part(row + d, n);
}

/* Columns [from, to) of one core; of I4: bytes, their low or high halves, which are columns from `base` on. */
LOCI_INLINE void pool_span(const pool_hits *hits, int count, int type, bool high, int32_t base, int32_t core,
                           int32_t from, int32_t to, pool_stream *stream) {
    vf weights[TOGETHER];
    float *sum = hits->sum + base;
#pragma GCC unroll 4
    for (int i = 0; i < count; i++) {
        weights[i] = vf_set1(hits->weights[i][core] * hits->scales[i]);
    }
    int32_t d = from;
    for (; d + LANES <= to; d += LANES) {
        if (stream != NULL) {
            pool_step(stream, count * LANES * (int)pool_element(type));
        }
        vf v = vf_load(sum + d);
#pragma GCC unroll 4
        for (int i = 0; i < count; i++) {
            v = vf_fma(weights[i], pool_load(hits->rows[i], d, type, high), v);
        }
        vf_store(sum + d, v);
    }
    if (d < to) {
        int n = to - d;
        vf v = vf_load_part(sum + d, n);
#pragma GCC unroll 4
        for (int i = 0; i < count; i++) {
            v = vf_fma(weights[i], pool_load_part(hits->rows[i], d, n, type, high), v);
        }
        vf_store_part(sum + d, v, n);
    }
}

/* Core by core. */
LOCI_INLINE void pool_columns(const pool_hits *hits, int count, int type, bool high, int32_t base, int32_t from,
                              int32_t to, int32_t core_width, pool_stream *stream) {
    int32_t core = base + to <= core_width ? 0 : (base + from) / core_width;
    for (; from < to; core++) {
        int32_t end = (int32_t)loci_min((int64_t)(core + 1) * core_width - base, to);
        pool_span(hits, count, type, high, base, core, from, end, stream);
        from = end;
    }
}

LOCI_INLINE void pool_add(const loci_pool_job *job, const pool_hits *hits, int count, int type, pool_stream *stream) {
    int32_t half = job->args->dim / 2, core_width = job->args->dim / job->args->core_count;
    pool_columns(hits, count, type, false, 0, job->first, job->end, core_width, stream);
    if (type == LOCI_I4) {
        pool_columns(hits, count, type, true, half, job->first, job->end, core_width, stream);
    }
}

LOCI_INLINE void pool_zero(const loci_pool_job *job, int type, float *out) {
    int32_t dim = job->args->dim, half = dim / 2;
    size_t bytes = (size_t)(job->end - job->first) * sizeof *out;
    for (int32_t g = 0; g < job->args->group_count; g++, out += dim) {
        memset(out + job->first, 0, bytes);
        if (type == LOCI_I4) {
            memset(out + half + job->first, 0, bytes);
        }
    }
}

/* The hits of all the job's tokens are one sequence: while some are added, the rows some hits further on are fetched.
 */
LOCI_INLINE void pool_rows(const loci_pool_job *job, int type, bool whole) {
    const loci_pool_args *args = job->args;
    int32_t hits = args->hits, dim = args->dim, cores = args->core_count;
    int64_t skipped = (int64_t)job->token * hits, count = (int64_t)job->tokens * hits;
    const int32_t *rows = (const int32_t *)args->rows.data + skipped;
    const int32_t *groups = (const int32_t *)args->groups.data + skipped;
    const float *weights = (const float *)args->weights.data + skipped * cores;
    int64_t out_stride = (int64_t)args->group_count * dim;
    float *out = (float *)args->out.data + job->token * out_stride;
    int64_t scale_at = type == LOCI_I8 ? dim : type == LOCI_I4 ? dim / 2 : -1;
    pool_stream stream = {.first_byte = job->first * pool_element(type)};
    stream.end_byte = job->end * pool_element(type);
    stream.end_byte = scale_at == stream.end_byte ? scale_at + 4 : stream.end_byte;
    int64_t ahead = LINES_AHEAD / ((stream.end_byte - stream.first_byte) / LINE_BYTES + 1);
    ahead = whole ? SHORT_AHEAD : ahead > MAX_AHEAD ? MAX_AHEAD : ahead < MIN_AHEAD ? MIN_AHEAD : ahead;

    for (int64_t k = 0; k < count; out += out_stride) {
        pool_zero(job, type, out);
        for (int64_t end = k + hits; k < end;) {
            if (stream.touched < loci_min(count, k + ahead + TOUCHED)) {
                pool_touch(job, &stream, rows, loci_min(count, k + ahead + 2 * TOUCHED), whole);
            }
            if (!whole) {
                stream.until = loci_min(count, k + ahead + TOGETHER);
                pool_catch_up(&stream, loci_min(count, k + ahead));
            }
            pool_hits some = {.sum = out + (int64_t)groups[k] * dim};
            int together = 0;
            do {
                const uint8_t *row = stream.rows[k % RING];
                some.rows[together] = row;
                some.weights[together] = weights + k * cores;
                some.scales[together] = scale_at >= 0 ? loci_read_f32(row + scale_at) : 1.0f;
                together++;
                k++;
            } while (together < TOGETHER && k < end && groups[k] == groups[k - 1]);
            switch (together) {
            case 1:
                pool_add(job, &some, 1, type, whole ? NULL : &stream);
                break;
            case 2:
                pool_add(job, &some, 2, type, whole ? NULL : &stream);
                break;
            case 3:
                pool_add(job, &some, 3, type, whole ? NULL : &stream);
                break;
            default:
                pool_add(job, &some, 4, type, whole ? NULL : &stream);
            }
        }
    }
    for (int32_t t = 0; hits == 0 && t < job->tokens; t++) {
        pool_zero(job, type, out + t * out_stride);
    }
}

LOCI_INLINE void pool_typed(const loci_pool_job *job, int type) {
    if ((job->end - job->first) * pool_element(type) <= SHORT_BYTES) {
        pool_rows(job, type, true);
    } else {
        pool_rows(job, type, false);
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
