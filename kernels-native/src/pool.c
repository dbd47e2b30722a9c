#include "internal.h"

#include <string.h>

enum { SLICE_COLUMNS = 64, CLAIMS_A_THREAD = 8 };

/* Counts distinct row numbers. A slot of the table keeps the first row that its hash brings there; others that come are
 * lost, and are counted later: a branch on what is in a slot would be guessed wrong too often. */
typedef struct {
    int32_t *slots; /* -1: none; 2^(32 - shift) */
    int32_t *lost;
    int64_t lost_count;
    int64_t count;
    int32_t shift;
    bool ready;
} row_set;

enum { FIRST_FACTOR = 0x1e3779b1 };

static void empty(row_set *set) {
    memset(set->slots, 0xff, sizeof *set->slots << (32 - set->shift));
    set->ready = true;
}

static inline uint32_t share_of(int32_t row, uint32_t shares) {
    return (uint32_t)((uint64_t)((uint32_t)row * 0x85ebca6bu) * shares >> 32);
}

/* Adds the rows of a share and copies the others, if they are wanted; `lost` may be where the rows lie. Returns how
 * many others there are. */
static int64_t add_rows(row_set *set, const int32_t *rows, int64_t count, uint32_t share, uint32_t shares,
                        uint32_t factor, int32_t *others) {
    int32_t *slots = set->slots, *lost = set->lost, shift = set->shift;
    int64_t other_count = 0, lost_count = set->lost_count, distinct = 0;
    for (int64_t k = 0; k < count; k++) {
        int32_t row = rows[k];
        bool own = share_of(row, shares) == share;
        if (others != NULL) {
            others[other_count] = row;
            other_count += !own;
        }
        uint32_t at = (uint32_t)row * factor >> shift;
        int32_t there = slots[at];
        bool first = own & (there < 0);
        slots[at] = first ? row : there;
        distinct += first;
        lost[lost_count] = row;
        lost_count += own & !first & (there != row);
    }
    set->lost_count = lost_count;
    set->count += distinct;
    return other_count;
}

typedef struct {
    const loci_context *context;
    const loci_pool_args *args;
    int32_t slices; /* column slices of a token, so that a single one keeps several threads busy */
    int32_t run;    /* tokens of an item */
    int32_t columns;
    int32_t width;        /* columns of a slice */
    row_set *sets;        /* of the rows of each thread's share; NULL: not counted */
    int32_t *others;      /* rows that each run of tokens left to other threads, one place more than its hits */
    int64_t *other_count; /* by run */
} pool_job;

/* After all rows are pooled: between them, the sets would have to be fetched into the caches each time.
 * Of the rows of a run, those of the thread's own share go into its set, the others are left to their sets. */
static void count_run(void *argument, int32_t run, int32_t thread) {
    const pool_job *job = argument;
    int64_t hits = job->args->hits, first = (int64_t)run * job->run * hits;
    int64_t count = loci_min(job->run * hits, job->args->tokens * hits - first);
    const int32_t *rows = (const int32_t *)job->args->rows.data + first;
    row_set *set = &job->sets[thread];
    if (!set->ready) {
        empty(set);
    }
    job->other_count[run] = add_rows(set, rows, count, (uint32_t)thread, (uint32_t)job->context->threads, FIRST_FACTOR,
                                     job->context->threads == 1 ? NULL : job->others + first + run);
}

static void pool_slice(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const pool_job *job = argument;
    int32_t first = item % job->slices * job->width, run = item / job->slices, token = run * job->run;
    loci_pool_job one = {
        .args = job->args,
        .parts = job->args->parts.data,
        .token = token,
        .tokens = (int32_t)loci_min(job->run, job->args->tokens - token),
        .first = first,
        .end = (int32_t)loci_min(first + job->width, job->columns),
    };
    job->context->kernels.pool(&one);
}

/* Takes in what other threads came by, then counts what was lost, by another hash each time until nothing is. */
static void count_share(void *argument, int32_t share, int32_t thread) {
    (void)thread;
    const pool_job *job = argument;
    row_set *set = &job->sets[share];
    uint32_t shares = (uint32_t)job->context->threads;
    int64_t hits = job->args->hits;
    if (!set->ready) {
        empty(set);
    }
    for (int32_t run = 0; shares > 1 && (int64_t)run * job->run < job->args->tokens; run++) {
        const int32_t *others = job->others + (int64_t)run * job->run * hits + run;
        add_rows(set, others, job->other_count[run], (uint32_t)share, shares, FIRST_FACTOR, NULL);
    }
    for (uint32_t factor = FIRST_FACTOR; set->lost_count > 0;) {
        int64_t count = set->lost_count;
        while (set->shift < 31 && count * 4 <= (int64_t)1 << (32 - set->shift)) {
            set->shift++;
        }
        empty(set);
        set->lost_count = 0;
        factor = factor * 0x9e3779b1u + 2; /* odd */
        add_rows(set, set->lost, count, 0, 1, factor, NULL);
    }
}

/* False where memory lacks. */
static bool prepare_counting(loci_context *context, pool_job *job, int64_t hits, int64_t runs) {
    int64_t threads = context->threads, slots = 64;
    int32_t shift = 26;
    for (; slots < 2 * hits / threads; slots *= 2) {
        shift--;
    }
    int64_t sets = loci_round_up(threads * (int64_t)sizeof(row_set), 64), counts = loci_round_up(runs * 8, 64);
    int64_t others = loci_round_up((hits + runs) * 4, 64), each = slots * 4 + loci_round_up((hits + 1) * 4, 64);
    char *memory = loci_scratch(context, sets + counts + others + threads * each);
    if (memory == NULL) {
        return false;
    }
    job->sets = (row_set *)(void *)memory;
    job->other_count = (int64_t *)(void *)(memory + sets);
    job->others = (int32_t *)(void *)(memory + sets + counts);
    for (int64_t thread = 0; thread < threads; thread++) {
        int32_t *own = (int32_t *)(void *)(memory + sets + counts + others + thread * each);
        job->sets[thread] = (row_set){own, own + slots, 0, 0, shift, false};
    }
    return true;
}

static int32_t parts_status(const loci_pool_args *args, int64_t row_bytes, int64_t *rows) {
    const loci_table_part *parts = args->parts.data;
    int64_t end = 0;
    for (int32_t i = 0; i < args->part_count; i++) {
        LOCI_REQUIRE(parts[i].first_row == end && parts[i].rows >= 1, 1, LOCI_E_RANGE);
        LOCI_REQUIRE(!__builtin_add_overflow(end, parts[i].rows, &end), 1, LOCI_E_RANGE);
        int64_t needed = loci_times(parts[i].rows - 1, args->stride);
        LOCI_REQUIRE(needed >= 0 && !__builtin_add_overflow(needed, row_bytes, &needed), 1, LOCI_E_RANGE);
        LOCI_REQUIRE(parts[i].data != NULL, 1, LOCI_E_NULL);
        LOCI_REQUIRE(parts[i].bytes >= needed, 1, LOCI_E_SMALL);
    }
    *rows = end;
    return 0;
}

/* A negative number is a great one. */
static bool all_below(const int32_t *numbers, int64_t count, int64_t end) {
    uint32_t greatest = 0;
    for (int64_t k = 0; k < count; k++) {
        greatest = (uint32_t)numbers[k] > greatest ? (uint32_t)numbers[k] : greatest;
    }
    return count == 0 || greatest < loci_min(end, (int64_t)INT32_MAX + 1);
}

int32_t loci_pool(loci_context *context, const loci_pool_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    int64_t tokens = args->tokens, hits = args->hits, dim = args->dim;
    LOCI_REQUIRE(args->part_count >= 1, 8, LOCI_E_RANGE);
    LOCI_REQUIRE(args->core_count >= 1, 13, LOCI_E_RANGE);
    LOCI_REQUIRE(dim >= 1 && dim <= INT32_MAX / 2 && dim % args->core_count == 0, 9, LOCI_E_RANGE);
    LOCI_REQUIRE(loci_half_bytes(args->type) != 0, 10, LOCI_E_UNSUPPORTED);
    LOCI_REQUIRE(args->type != LOCI_I4 || dim % 2 == 0, 9, LOCI_E_RANGE);
    LOCI_REQUIRE(tokens >= 0, 11, LOCI_E_RANGE);
    LOCI_REQUIRE(hits >= 0, 12, LOCI_E_RANGE);
    LOCI_REQUIRE(args->group_count >= 1, 14, LOCI_E_RANGE);
    LOCI_REQUIRE(args->reserved == 0, 15, LOCI_E_RANGE);
    int64_t row_bytes = dim * loci_half_bytes(args->type) / 2;
    row_bytes += args->type == LOCI_I8 || args->type == LOCI_I4 ? 4 : 0;
    LOCI_REQUIRE(args->stride >= row_bytes, 7, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(args->parts, args->part_count * (int64_t)sizeof(loci_table_part), 1);
    LOCI_REQUIRE_SPAN(args->rows, loci_times3(tokens, hits, 4), 2);
    LOCI_REQUIRE_SPAN(args->groups, loci_times3(tokens, hits, 4), 3);
    LOCI_REQUIRE_SPAN(args->weights, loci_times4(tokens, hits, args->core_count, 4), 4);
    LOCI_REQUIRE_SPAN(args->out, loci_times4(tokens, args->group_count, dim, 4), 5);
    int64_t table_rows = 0;
    int32_t status = parts_status(args, row_bytes, &table_rows);
    if (status != 0) {
        return status;
    }
    LOCI_REQUIRE(all_below(args->rows.data, tokens * hits, table_rows), 2, LOCI_E_INDEX);
    LOCI_REQUIRE(all_below(args->groups.data, tokens * hits, args->group_count), 3, LOCI_E_INDEX);
    pool_job job = {.context = context, .args = args};
    job.columns = (int32_t)(args->type == LOCI_I4 ? dim / 2 : dim);
    int64_t wanted = tokens >= 2 * (int64_t)context->threads ? 1 : context->threads;
    job.width = (int32_t)loci_round_up((job.columns + wanted - 1) / wanted, SLICE_COLUMNS);
    job.slices = (job.columns + job.width - 1) / job.width;
    job.run =
        (int32_t)loci_max(1, context->threads == 1 ? tokens : tokens / (CLAIMS_A_THREAD * (int64_t)context->threads));
    int64_t runs = (tokens + job.run - 1) / job.run;
    LOCI_REQUIRE(runs * job.slices <= INT32_MAX, 11, LOCI_E_RANGE);
    if (args->unique_rows != NULL) {
        LOCI_REQUIRE(tokens * hits <= (int64_t)1 << 30, 11, LOCI_E_RANGE);
        LOCI_REQUIRE(prepare_counting(context, &job, tokens * hits, runs), 6, LOCI_E_MEMORY);
    }
    loci_parallel(context, pool_slice, &job, (int32_t)(runs * job.slices),
                  (double)(tokens * hits) * (double)(50 + dim / 8));
    if (args->unique_rows != NULL) {
        int64_t distinct = 0;
        loci_parallel(context, count_run, &job, (int32_t)runs, (double)(tokens * hits));
        loci_parallel(context, count_share, &job, context->threads, (double)(tokens * hits));
        for (int32_t thread = 0; thread < context->threads; thread++) {
            distinct += job.sets[thread].count;
        }
        *args->unique_rows = distinct;
    }
    return 0;
}
