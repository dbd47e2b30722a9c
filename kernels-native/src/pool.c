#include "internal.h"

#include <string.h>

enum { SLICE_COLUMNS = 64, CLAIMS_A_THREAD = 4 };

typedef struct {
    const loci_context *context;
    const loci_pool_args *args;
    int32_t slices; /* column slices of a token, so that a single one keeps several threads busy */
    int32_t run;    /* tokens of an item */
    int32_t columns;
    int32_t width; /* columns of a slice */
    int32_t *seen; /* row numbers by hash, -1 where none, [seen_mask + 1]; NULL: not counted */
    uint32_t seen_mask;
} pool_job;

/* Fills the table by linear probing; it is at most half full. */
static int64_t distinct_rows(const pool_job *job) {
    const int32_t *rows = job->args->rows.data;
    int64_t count = (int64_t)job->args->tokens * job->args->hits, distinct = 0;
    memset(job->seen, 0xff, ((size_t)job->seen_mask + 1) * sizeof *job->seen);
    for (int64_t k = 0; k < count; k++) {
        uint32_t at = (uint32_t)rows[k] * 0x9e3779b1u;
        at = (at ^ at >> 15) & job->seen_mask;
        while (job->seen[at] != rows[k] && job->seen[at] >= 0) {
            at = (at + 1) & job->seen_mask;
        }
        distinct += job->seen[at] < 0;
        job->seen[at] = rows[k];
    }
    return distinct;
}

static void pool_slice(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const pool_job *job = argument;
    if (job->seen != NULL && item-- == 0) { /* first, for it takes longer than a slice */
        *job->args->unique_rows = distinct_rows(job);
        return;
    }
    int32_t first = item % job->slices * job->width, token = item / job->slices * job->run;
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
    job.run = (int32_t)loci_max(1, tokens / (CLAIMS_A_THREAD * (int64_t)context->threads));
    int64_t items = (tokens + job.run - 1) / job.run * job.slices + (args->unique_rows != NULL);
    LOCI_REQUIRE(items <= INT32_MAX, 11, LOCI_E_RANGE);
    if (args->unique_rows != NULL) {
        int64_t slots = 64;
        while (slots < 2 * tokens * hits) {
            slots *= 2;
        }
        LOCI_REQUIRE(slots <= (int64_t)1 << 31, 11, LOCI_E_RANGE);
        job.seen = loci_scratch(context, slots * (int64_t)sizeof *job.seen);
        LOCI_REQUIRE(job.seen != NULL, 6, LOCI_E_MEMORY);
        job.seen_mask = (uint32_t)(slots - 1);
    }
    loci_parallel(context, pool_slice, &job, (int32_t)items, (double)(tokens * hits) * (double)(50 + dim / 8));
    return 0;
}
