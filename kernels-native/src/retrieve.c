#include "best.h"
#include "internal.h"
#include "numbers.h"

enum { RANK_MAX = 8, CORES_MAX = 8, TOP_MAX = 1024, AXIS_MAX = 46340, CHUNK_ROWS = 64, SUMS = LOCI_CHOOSE_MAX };

/* What a thread needs for one search. */
typedef struct {
    int64_t heap[TOP_MAX];
    float sums[SUMS];
    int32_t index[2][TOP_MAX];           /* I and J, ascending */
    float scores[2][RANK_MAX * TOP_MAX]; /* [p][i] of I, [q][j] of J */
    float left[RANK_MAX * TOP_MAX];      /* [q][i]: sum over p of S0[i][p] and a core */
    int32_t cells[TOP_MAX];              /* i * top + j of the hits */
    float hits[2][RANK_MAX * TOP_MAX];   /* the hits' scores, [p][k] and [q][k] */
} search_state;

typedef struct {
    const loci_context *context;
    const loci_retrieve_args *args;
    loci_matmul_rows *multiply;
    int64_t matrix_bytes; /* of the keys of a head and side */
    uint8_t *queries; /* rounded: bf16, or f32 where bf16 is not multiplied; [tokens of the block][2][query_stride] */
    int64_t query_stride;
    float *scores; /* f32[tokens of the block][heads][2][axis_keys * rank] */
    search_state *states;
    int64_t plane; /* axis_keys * rank */
    int32_t chunks;
    int32_t first; /* token of the block */
    int32_t tokens;
    atomic_bool bad_index;
} retrieve_job;

static int64_t query_bytes(const loci_kernels *kernels) { return kernels->panels_bf16_bf16 != NULL ? 2 : 4; }

/* An item is one side of a token's query: panels take it rounded, with zeros up to a whole number of steps. */
static void round_query(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const retrieve_job *job = argument;
    int64_t key_dim = job->args->key_dim, size = query_bytes(&job->context->kernels);
    const float *query = (const float *)job->args->queries.data + ((int64_t)job->first * 2 + item) * key_dim;
    uint8_t *to = job->queries + item * job->query_stride * size;
    uint16_t *halves = (uint16_t *)(void *)to;
    float *floats = (float *)(void *)to;
    for (int64_t i = 0; size == 2 && i < key_dim; i++) {
        halves[i] = loci_to_bf16(query[i]);
    }
    for (int64_t i = 0; size == 4 && i < key_dim; i++) {
        floats[i] = loci_from_bf16(loci_to_bf16(query[i]));
    }
    memset(to + key_dim * size, 0, (size_t)((job->query_stride - key_dim) * size));
}

/* An item is a chunk of the keys of a head and side: their scores for every token of the block. */
static void score_chunk(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const retrieve_job *job = argument;
    const loci_retrieve_args *args = job->args;
    int64_t side = item / job->chunks, start = (int64_t)(item % job->chunks) * CHUNK_ROWS;
    loci_matmul_job product = {
        .weights = (const uint8_t *)args->keys.data + side * job->matrix_bytes,
        .out = job->scores + side * job->plane,
        .out_stride = (int64_t)args->heads * 2 * job->plane,
        .columns = args->key_dim,
        .tokens = job->tokens,
        .rows = (int32_t)job->plane,
        .skip = (job->context->threads - 1) * CHUNK_ROWS,
    };
    if (args->key_type == LOCI_BF16) {
        product.x = job->queries + side % 2 * job->query_stride * query_bytes(&job->context->kernels);
        product.x_stride = 2 * job->query_stride;
    } else {
        product.x = (const float *)args->queries.data + ((int64_t)job->first * 2 + side % 2) * args->key_dim;
        product.x_stride = 2 * (int64_t)args->key_dim;
    }
    job->multiply(&product, (int32_t)start, (int32_t)loci_min(start + CHUNK_ROWS, job->plane));
}

/* The best keys of one side, in ascending order. */
static void select_keys(const retrieve_job *job, search_state *state, const float *scores, const float *factors,
                        int32_t *index) {
    const loci_retrieve_args *args = job->args;
    int32_t top = args->top, rank = args->rank;
    const loci_kernels *kernels = &job->context->kernels;
    loci_best best = {state->heap, top, 0};
    for (int32_t start = 0; start < args->axis_keys; start += SUMS) {
        int32_t count = (int32_t)loci_min(SUMS, args->axis_keys - start);
        kernels->score_sums(scores + (int64_t)start * rank, rank, 1, factors, rank, count, state->sums);
        if (count == args->axis_keys && kernels->choose(state->sums, count, top, false, index)) {
            return;
        }
        kernels->offer(&best, state->sums, count, start);
    }
    loci_best ascending = {state->heap, top, 0};
    for (int32_t k = 0; k < top; k++) { /* the heap grows in place: entry k is read before it can be overwritten */
        loci_best_add(&ascending, -(int64_t)loci_best_index(state->heap[k]));
    }
    loci_best_sort(&ascending);
    for (int32_t k = 0; k < top; k++) {
        index[k] = (int32_t)-state->heap[k];
    }
}

/* left[q][i] = sum over p of scores[p][i] * core[p][q] */
static void multiply_core(const float *scores, const float *core, int32_t rank, int32_t top, float *restrict left) {
    memset(left, 0, (size_t)rank * (size_t)top * sizeof *left);
    for (int32_t q = 0; q < rank; q++) {
        for (int32_t p = 0; p < rank; p++) {
            for (int32_t i = 0; i < top; i++) {
                left[q * top + i] += scores[p * top + i] * core[p * rank + q];
            }
        }
    }
}

/* The best cells of the grid, in order of score. */
static void select_cells(const retrieve_job *job, search_state *state, int64_t head) {
    const loci_retrieve_args *args = job->args;
    int32_t rank = args->rank, top = args->top, held = 0;
    const float *core = args->cores.data; /* [c][head][p][q] */
    float sum[RANK_MAX * RANK_MAX];
    for (int32_t pq = 0; pq < rank * rank; pq++) {
        sum[pq] = 0;
        for (int32_t c = 0; c < args->core_count; c++) {
            sum[pq] += core[((int64_t)c * args->heads + head) * rank * rank + pq];
        }
    }
    multiply_core(state->scores[0], sum, rank, top, state->left);
    const loci_kernels *kernels = &job->context->kernels;
    loci_best best = {state->heap, top, 0};
    for (int32_t i = 0; i < top; i++) {
        float factors[RANK_MAX];
        for (int32_t q = 0; q < rank; q++) {
            factors[q] = state->left[q * top + i];
        }
        kernels->score_sums(state->scores[1], 1, top, factors, rank, top, state->sums + held);
        held += top;
        if (held + top > SUMS || i == top - 1) {
            if (held == top * top && kernels->choose(state->sums, held, top, true, state->cells)) {
                return;
            }
            kernels->offer(&best, state->sums, held, (i + 1) * top - held);
            held = 0;
        }
    }
    loci_best_sort(&best);
    for (int32_t k = 0; k < top; k++) {
        state->cells[k] = loci_best_index(state->heap[k]);
    }
}

/* weights[k][core] of the hits */
static void weigh_hits(const retrieve_job *job, search_state *state, int64_t head, float *weights) {
    const loci_retrieve_args *args = job->args;
    int32_t rank = args->rank, top = args->top, cores = args->core_count;
    for (int32_t c = 0; c < cores; c++) {
        const float *core = (const float *)args->cores.data + ((int64_t)c * args->heads + head) * rank * rank;
        multiply_core(state->hits[0], core, rank, top, state->left);
        float *restrict sums = state->sums;
        memset(sums, 0, (size_t)top * sizeof *sums);
        for (int32_t q = 0; q < rank; q++) {
            for (int32_t k = 0; k < top; k++) {
                sums[k] += state->left[q * top + k] * state->hits[1][q * top + k];
            }
        }
        for (int32_t k = 0; k < top; k++) {
            weights[k * cores + c] = sums[k];
        }
    }
}

static void search(void *argument, int32_t item, int32_t thread) {
    retrieve_job *job = argument;
    const loci_retrieve_args *args = job->args;
    search_state *state = job->states + thread;
    int32_t rank = args->rank, top = args->top;
    int64_t head = item % args->heads, local = item / args->heads;
    for (int side = 0; side < 2; side++) {
        const float *scores = job->scores + ((local * args->heads + head) * 2 + side) * job->plane;
        const float *factors = (const float *)(side == 0 ? args->u.data : args->v.data) + head * rank;
        select_keys(job, state, scores, factors, state->index[side]);
        for (int32_t k = 0; k < top; k++) {
            for (int32_t p = 0; p < rank; p++) {
                state->scores[side][p * top + k] = scores[(int64_t)state->index[side][k] * rank + p];
            }
        }
    }
    select_cells(job, state, head);

    int64_t at = ((job->first + local) * args->heads + head) * top;
    const int32_t *shuffle = args->shuffle.data;
    int32_t *rows = (int32_t *)args->rows.data + at, *groups = (int32_t *)args->groups.data + at;
    for (int32_t k = 0; k < top; k++) {
        int32_t cell = state->cells[k], i = cell / top, j = cell % top;
        int32_t id = shuffle[(int64_t)state->index[0][i] * args->axis_keys + state->index[1][j]];
        /* a division of 64 bits takes several times as long */
        int32_t group = args->table_rows > INT32_MAX ? 0 : id / (int32_t)args->table_rows;
        if (id < 0 || group >= args->group_count) {
            atomic_store_explicit(&job->bad_index, true, memory_order_relaxed);
            id = group = 0;
        }
        rows[k] = id - group * (int32_t)args->table_rows;
        groups[k] = group;
        for (int32_t p = 0; p < rank; p++) {
            state->hits[0][p * top + k] = state->scores[0][p * top + i];
            state->hits[1][p * top + k] = state->scores[1][p * top + j];
        }
    }
    weigh_hits(job, state, head, (float *)args->weights.data + at * args->core_count);
}

/* Bytes of the keys of a head and side. */
static int64_t key_matrix_bytes(const loci_retrieve_args *args) {
    int64_t rows = (int64_t)args->axis_keys * args->rank;
    return args->key_type == LOCI_F32
               ? loci_times3(rows, args->key_dim, 4)
               : loci_times3(loci_round_up(rows, LOCI_PANEL_ROWS), loci_panel_columns_bf16(args->key_dim), 2);
}

static int32_t retrieve_status(const loci_retrieve_args *args) {
    int64_t tokens = args->tokens, heads = args->heads, axis = args->axis_keys, rank = args->rank, top = args->top;
    LOCI_REQUIRE(args->table_rows >= 1, 10, LOCI_E_RANGE);
    LOCI_REQUIRE(tokens >= 0, 11, LOCI_E_RANGE);
    LOCI_REQUIRE(heads >= 1 && loci_times(tokens, heads) <= INT32_MAX, 12, LOCI_E_RANGE);
    LOCI_REQUIRE(axis >= 1 && axis <= AXIS_MAX, 13, LOCI_E_RANGE);
    LOCI_REQUIRE(args->key_dim >= 1, 14, LOCI_E_RANGE);
    LOCI_REQUIRE(rank >= 1 && rank <= RANK_MAX, 15, LOCI_E_RANGE);
    LOCI_REQUIRE(args->core_count >= 1 && args->core_count <= CORES_MAX, 16, LOCI_E_RANGE);
    LOCI_REQUIRE(top >= 1 && top <= loci_min(axis, TOP_MAX), 17, LOCI_E_RANGE);
    LOCI_REQUIRE(args->group_count >= 1, 18, LOCI_E_RANGE);
    LOCI_REQUIRE(heads * 2 * (axis * rank / CHUNK_ROWS + 1) <= INT32_MAX, 12, LOCI_E_RANGE);
    LOCI_REQUIRE(args->key_type == LOCI_F32 || args->key_type == LOCI_BF16, 19, LOCI_E_UNSUPPORTED);
    LOCI_REQUIRE(args->reserved == 0, 20, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(args->queries, loci_times3(tokens, args->key_dim, 8), 1);
    LOCI_REQUIRE_SPAN(args->keys, loci_times3(heads, 2, key_matrix_bytes(args)), 2);
    LOCI_REQUIRE_SPAN(args->u, heads * rank * 4, 3);
    LOCI_REQUIRE_SPAN(args->v, heads * rank * 4, 4);
    LOCI_REQUIRE_SPAN(args->cores, heads * rank * rank * args->core_count * 4, 5);
    LOCI_REQUIRE_SPAN(args->shuffle, axis * axis * 4, 6);
    LOCI_REQUIRE_SPAN(args->rows, loci_times4(tokens, heads, top, 4), 7);
    LOCI_REQUIRE_SPAN(args->groups, loci_times4(tokens, heads, top, 4), 8);
    LOCI_REQUIRE_SPAN(args->weights, loci_times4(tokens, heads, top, 4 * (int64_t)args->core_count), 9);
    return 0;
}

int32_t loci_retrieve(loci_context *context, const loci_retrieve_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    int32_t status = retrieve_status(args);
    if (status != 0 || args->tokens == 0) {
        return status;
    }
    const loci_kernels *kernels = &context->kernels;
    bool rounded = args->key_type == LOCI_BF16;
    int64_t plane = (int64_t)args->axis_keys * args->rank, token_bytes = args->heads * 2 * plane * 4;
    int64_t block = loci_max(1, loci_min(args->tokens, (8 << 20) / token_bytes)); /* scores that stay in a cache */
    int64_t states = loci_round_up(context->threads * (int64_t)sizeof(search_state), 64);
    int64_t query_stride = loci_round_up(args->key_dim, 64);
    int64_t queries = rounded ? block * 2 * query_stride * query_bytes(kernels) : 0;
    uint8_t *scratch = loci_scratch(context, states + queries + block * token_bytes);
    LOCI_REQUIRE(scratch != NULL, 1, LOCI_E_MEMORY);
    retrieve_job job = {
        .context = context,
        .args = args,
        .multiply = !rounded                            ? kernels->matmul_f32
                    : kernels->panels_bf16_bf16 != NULL ? kernels->panels_bf16_bf16
                                                        : kernels->panels_bf16,
        .matrix_bytes = key_matrix_bytes(args),
        .queries = scratch + states,
        .query_stride = query_stride,
        .states = (search_state *)(void *)scratch,
        .scores = (float *)(void *)(scratch + states + queries),
        .plane = plane,
        .chunks = (int32_t)((plane + CHUNK_ROWS - 1) / CHUNK_ROWS),
    };
    atomic_init(&job.bad_index, false);
    for (int64_t first = 0; first < args->tokens; first += block) {
        job.first = (int32_t)first;
        job.tokens = (int32_t)loci_min(block, args->tokens - first);
        double products = (double)job.tokens * (double)(token_bytes / 4) * args->key_dim;
        if (rounded) {
            loci_parallel_even(context, round_query, &job, 2 * job.tokens, 2.0 * job.tokens * args->key_dim / 4);
        }
        loci_parallel(context, score_chunk, &job, args->heads * 2 * job.chunks, products / (rounded ? 64 : 16));
        int64_t searches = (int64_t)job.tokens * args->heads;
        loci_parallel(context, search, &job, (int32_t)searches,
                      (double)searches * (double)(plane + (int64_t)args->top * args->top));
    }
    return atomic_load(&job.bad_index) ? LOCI_STATUS(6, LOCI_E_INDEX) : 0;
}
