/* What the operations share: the context, the table of inner loops, threads, scratch memory, border checks. */
#ifndef LOCI_INTERNAL_H
#define LOCI_INTERNAL_H

#include "loci_kernels.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- border checks ---- */

#define LOCI_REQUIRE(condition, field, code)                                                                           \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            return LOCI_STATUS(field, code);                                                                           \
        }                                                                                                              \
    } while (0)

/* Returns from the calling function unless the span holds `needed` bytes (-1: the dimensions overflow). */
#define LOCI_REQUIRE_SPAN(span, needed, field)                                                                         \
    do {                                                                                                               \
        int32_t code_ = loci_span_code(span, needed);                                                                  \
        LOCI_REQUIRE(code_ == 0, field, code_);                                                                        \
    } while (0)

static inline int32_t loci_span_code(loci_span span, int64_t needed) {
    if (needed < 0) {
        return LOCI_E_RANGE;
    }
    if (needed == 0) {
        return 0;
    }
    return span.data == NULL ? LOCI_E_NULL : span.bytes < needed ? LOCI_E_SMALL : 0;
}

/* a * b for sizes; -1 if a factor is negative or the product exceeds an int64. */
static inline int64_t loci_times(int64_t a, int64_t b) {
    int64_t product;
    return a < 0 || b < 0 || __builtin_mul_overflow(a, b, &product) ? -1 : product;
}

static inline int64_t loci_times3(int64_t a, int64_t b, int64_t c) { return loci_times(loci_times(a, b), c); }

static inline int64_t loci_times4(int64_t a, int64_t b, int64_t c, int64_t d) {
    return loci_times(loci_times3(a, b, c), d);
}

/* Bytes of an element, halves counted for I4; 0 for an unknown type. */
static inline int32_t loci_half_bytes(int32_t type) {
    switch (type) {
    case LOCI_F32:
        return 8;
    case LOCI_BF16:
    case LOCI_F16:
        return 4;
    case LOCI_I8:
        return 2;
    case LOCI_I4:
        return 1;
    default:
        return 0;
    }
}

enum { LOCI_PANEL_ROWS = 64 };

/* 0 or a LOCI_E_ code. */
int32_t loci_matrix_code(const loci_matrix *matrix);

/* Of panels, what one of their rows takes, its zeros counted. */
int64_t loci_matrix_row_bytes(const loci_matrix *matrix);

/* Columns of a matrix in panels, with the zeros behind them. */
static inline int64_t loci_panel_columns_i8(int64_t columns) { return (columns + 63) / 64 * 64; }
static inline int64_t loci_panel_columns_bf16(int64_t columns) { return (columns + 31) / 32 * 32; }
static inline int64_t loci_panel_columns(int32_t type, int64_t columns) {
    return type == LOCI_I8 ? loci_panel_columns_i8(columns) : loci_panel_columns_bf16(columns);
}

/* Bytes of a row of the cache; 0 for a type it cannot have. */
int32_t loci_kv_row_bytes(const loci_kv *kv);

/* Checks the cache and, in it, the place of every token; with `whole`, every page up to a token's own. */
int32_t loci_kv_status(const loci_kv *kv, int32_t kv_field, const loci_tokens *tokens, int32_t tokens_field,
                       bool whole);

/* What is to be fetched meanwhile: pieces, each claimed once, by a tile of a product. A lost claim loses time only. */
enum { LOCI_PIECE_BYTES = 8192, LOCI_PIECES = 512 };
typedef struct {
    const uint8_t *from;
    const uint8_t *end;
} loci_piece;
typedef struct {
    _Alignas(64) atomic_int next;
    _Alignas(64) int32_t count;
    loci_piece pieces[LOCI_PIECES];
} loci_foreseen;

static inline loci_piece loci_foreseen_take(loci_foreseen *foreseen) {
    loci_piece none = {NULL, NULL};
    if (foreseen == NULL || atomic_load_explicit(&foreseen->next, memory_order_relaxed) >= foreseen->count) {
        return none;
    }
    int32_t piece = atomic_fetch_add_explicit(&foreseen->next, 1, memory_order_relaxed);
    return piece < foreseen->count ? foreseen->pieces[piece] : none;
}

/* ---- inner loops, one table an ISA ---- */

typedef struct {
    const void *x;         /* f32, or quantised: i8 (i16 where the table says wide), bf16; rows of x_stride elements */
    const float *x_scales; /* of quantised x, one a token */
    const int32_t *x_sums; /* of quantised x, sum of its values, one a token */
    int64_t x_stride;
    const uint8_t *weights;
    const float *scales; /* of int8 weights, one a row */
    float *out;
    int64_t out_stride;
    int32_t columns;
    int32_t tokens;
    int32_t add;
    int32_t rows; /* of the matrix */
    loci_foreseen *foreseen;
    int32_t skip; /* rows between the end of a range and the range that its thread is likely to come to */
} loci_matmul_job;

/* All tokens of the rows [first, end); of panels, first is a multiple of LOCI_PANEL_ROWS. */
typedef void loci_matmul_rows(const loci_matmul_job *job, int32_t first, int32_t end);

/* LOCI_ATTEND_SPLIT: keys that are summed by themselves. LOCI_ATTEND_FOUND: where in what they give the output begins.
 */
enum { LOCI_ATTEND_MAX = 8, LOCI_HEAD_DIM_MAX = 512, LOCI_ATTEND_SPLIT = 512, LOCI_ATTEND_FOUND = 16 };

/* Up to LOCI_ATTEND_MAX queries that read the same head of keys and values. */
typedef struct {
    const loci_kv *kv;
    const int32_t *pages; /* of the sequence */
    const float *q[LOCI_ATTEND_MAX];
    float *out[LOCI_ATTEND_MAX];
    int32_t keys[LOCI_ATTEND_MAX]; /* positions 0..keys - 1 are seen */
    int32_t queries;
    int32_t kv_head;
    int32_t split;             /* the only one wanted, for attend_join; -1: all, joined */
    const int32_t *next_pages; /* of the job that comes next, whose first keys are fetched meanwhile; NULL: of none */
    int32_t next_kv_head;
    int64_t next_first;
    int64_t next_end;
} loci_attend_job;

/* The best `capacity` of what was offered: a heap with the worst on top. */
typedef struct {
    int64_t *entries;
    int32_t capacity;
    int32_t size;
} loci_best;

typedef struct {
    const loci_pool_args *args;
    const loci_table_part *parts;
    int32_t token; /* the first of `tokens` */
    int32_t tokens;
    int32_t first; /* columns [first, end); of I4, of the lower half, with their twins in the upper */
    int32_t end;
} loci_pool_job;

enum { LOCI_WEIGH_BLOCK = 256 };

enum { LOCI_CHOOSE_TOP = 64, LOCI_CHOOSE_MAX = LOCI_CHOOSE_TOP * LOCI_CHOOSE_TOP };

/* The weight of x: exp((x - max) * scale) from floor on, below it 0. */
typedef struct {
    float max;
    float scale;
    float floor;
} loci_weights;

typedef struct {
    loci_matmul_rows *matmul_f32;
    loci_matmul_rows *matmul_bf16;
    loci_matmul_rows *matmul_i8;
    loci_matmul_rows *matmul_i8_i8;
    /* q gets `padded` elements, zeros behind the first `count` */
    void (*quantise)(const float *x, int32_t count, int64_t padded, void *q, float *scale, int32_t *sum);
    bool wide; /* quantised activations are i16 */
    /* panels; x has zeros up to a whole number of steps */
    loci_matmul_rows *panels_i8;
    loci_matmul_rows *panels_bf16;      /* x f32 */
    loci_matmul_rows *panels_bf16_bf16; /* x bf16; NULL where there is none: then x goes in as f32, rounded */
    void (*embed)(const loci_matrix *table, int32_t row, float *out);
    void (*norm)(const float *x, const float *weight, float *out, int32_t dim, int32_t kind, float eps);
    void (*swiglu)(const float *first, const float *second, float *out, int32_t count);
    void (*clip)(float *x, int32_t count, float clip);
    void (*rotate)(const float *x, const float *cos_sin, float *out, int32_t half);
    void (*kv_store)(const float *x, void *row, int32_t dim, int32_t type);
    void (*attend)(const loci_attend_job *job);
    /* total: of the keys before those of part; both as attend leaves them for one split: greatest score, sum of
     * weights, from LOCI_ATTEND_FOUND on the weighted sum of values */
    void (*attend_join)(float *total, const float *part, int32_t dim);
    /* sums[j] = sum over p of factors[p] * scores[j * step + p * stride], in the order of p */
    void (*score_sums)(const float *scores, int64_t step, int64_t stride, const float *factors, int32_t rank,
                       int32_t count, float *sums);
    /* The indices of the best `top` of the scores, in order of score or ascending; index has room for them. False where
     * the heap is to be used instead: too many of them, or too many equals. */
    bool (*choose)(const float *scores, int32_t count, int32_t top, bool ranked, int32_t *index);
    /* offers scores[j] at first + j */
    void (*offer)(loci_best *best, const float *scores, int32_t count, int32_t first);
    void (*pool)(const loci_pool_job *job);
    /* the first place of the greatest of x; false where one is not finite */
    bool (*greatest)(const float *x, int32_t count, int32_t *place);
    /* sums of weights by LOCI_WEIGH_BLOCK columns, and in all */
    double (*weigh)(const loci_weights *how, const float *x, int32_t count, double *blocks);
    void (*weights)(const loci_weights *how, const float *x, int32_t count, float *out);
    /* offers x[i] at i; none is NaN */
    void (*take_greatest)(loci_best *best, const float *x, int32_t count);
    /* entries (best.h) of what is at least floor; returns how many */
    int32_t (*collect)(const float *x, int32_t count, float floor, int64_t *entries);
    /* sum of exp(x - max), to 2^-22 of itself */
    double (*exp_sum)(const float *x, int32_t count, float max);
} loci_kernels;

void loci_kernels_generic(loci_kernels *table);
#if defined(__x86_64__)
void loci_kernels_avx2(loci_kernels *table);
void loci_kernels_avx512(loci_kernels *table);
void loci_kernels_avx512_vnni(loci_kernels *table); /* replaces the int8 x int8 products only */
void loci_kernels_avx512_bf16(loci_kernels *table); /* adds the bf16 x bf16 product */
void loci_kernels_amx(loci_kernels *table);         /* replaces products of panels */
void loci_panels_i8_vnni(const loci_matmul_job *job, int32_t first, int32_t end);
#endif

/* ---- limits ---- */

typedef struct {
    int64_t (*read)(const void *data, int64_t bytes);
    int64_t (*rows)(const void *data, int32_t row_bytes, int32_t stride, const int32_t *rows, int64_t count,
                    int32_t ahead);
    int64_t (*products[LOCI_LIMIT_KINDS])(int64_t repeats); /* NULL: not there */
} loci_limits;

void loci_limits_fill(loci_limits *limits, int32_t isa, int32_t flags);
#if defined(__x86_64__)
void loci_limits_avx2(loci_limits *limits);
void loci_limits_avx512(loci_limits *limits);
void loci_limits_avx512_vnni(loci_limits *limits);
void loci_limits_avx512_bf16(loci_limits *limits);
void loci_limits_amx(loci_limits *limits);
#endif

/* ---- context ---- */

typedef void loci_task(void *job, int32_t item, int32_t thread);

typedef struct loci_threads loci_threads;

struct loci_context {
    loci_foreseen foreseen;
    loci_kernels kernels;
    loci_limits limits;
    loci_threads *pool;
    int32_t threads;
    void *scratch;
    int64_t scratch_bytes;
};

int64_t loci_cpu_flags(void);

/* Asks the kernel for the tile registers, for this process and for good; false where it refuses. */
bool loci_allow_tiles(void);

/* NULL if threads or memory cannot be had. */
loci_threads *loci_threads_start(int32_t threads);
void loci_threads_stop(loci_threads *pool);

/* Runs task(job, item, thread) for each item below `items`, thread in 0..threads - 1. `nanos` is a guess at the work in
 * all: where it is little, the caller does it alone. */
void loci_parallel(loci_context *context, loci_task *task, void *job, int32_t items, double nanos);

/* The same for items that all cost the same: a claim takes several. */
void loci_parallel_even(loci_context *context, loci_task *task, void *job, int32_t items, double nanos);

/* Memory for this call, 64-byte aligned, contents undefined; NULL if it cannot be had. One block a call. */
void *loci_scratch(loci_context *context, int64_t bytes);

static inline int64_t loci_round_up(int64_t value, int64_t to) { return (value + to - 1) / to * to; }
static inline int64_t loci_min(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t loci_max(int64_t a, int64_t b) { return a > b ? a : b; }

#endif
