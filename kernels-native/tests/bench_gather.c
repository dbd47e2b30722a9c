/* Pooled rows beside the machine's limit: the same rows of the same table are read without work, then pooled, in turn.
 */
#define _GNU_SOURCE
#include "bench_gather.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HITS = 64, TOKENS = 512, RUNS = 9, CALLS_BYTES = 96 << 20 };

static const int32_t distances[] = {1, 2, 4, 8, 16, 32, 64, 128};
enum { DISTANCES = sizeof distances / sizeof *distances };

typedef struct {
    loci_context *context;
    loci_pool_args pool;
    loci_limit_args limit;
    int64_t calls; /* of the pool, for as many rows as one of the limit */
} gather_case;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void fail(int32_t status) {
    if (status != 0) {
        fprintf(stderr, "status %d\n", status);
        exit(1);
    }
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static double read_rows(gather_case *c) {
    double start = now();
    fail(loci_limit(c->context, &c->limit));
    return now() - start;
}

static double pool_rows(gather_case *c, int64_t *unique) {
    loci_pool_args a = c->pool;
    a.unique_rows = unique;
    double start = now();
    for (int64_t call = 0; call < c->calls; call++) {
        fail(loci_pool(c->context, &a));
        a.rows.data = (int32_t *)a.rows.data + (int64_t)a.tokens * HITS;
    }
    return now() - start;
}

static void run_case(gather_case *c, int32_t threads, int32_t data, const char *name) {
    double limit[RUNS], pool[RUNS], counted[RUNS], best = INFINITY;
    int64_t unique;
    for (int i = 0; i < DISTANCES; i++) {
        c->limit.ahead = distances[i];
        double seconds = fmin(read_rows(c), read_rows(c));
        if (seconds < best) {
            best = seconds;
            limit[0] = distances[i];
        }
    }
    c->limit.ahead = (int32_t)limit[0];
    for (int run = 0; run < RUNS; run++) {
        limit[run] = read_rows(c);
        pool[run] = pool_rows(c, NULL);
        counted[run] = pool_rows(c, &unique);
    }
    double bytes = (double)c->calls * c->pool.tokens * HITS * data * 1e-9, most = median(limit, RUNS);
    double alone = median(pool, RUNS), both = median(counted, RUNS);
    printf("%-4s %4d B, stride %4d, %d thread(s), %3d tokens: limit %6.2f GB/s (%3d ahead), pool %6.2f (%.2f), counted "
           "%6.2f (%.2f, %+5.1f %%)\n",
           name, data, (int32_t)c->pool.stride, threads, c->pool.tokens, bytes / most, c->limit.ahead, bytes / alone,
           most / alone, bytes / both, most / both, 100 * (both / alone - 1));
    fflush(stdout);
}

static uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

void bench_gather(int32_t isa, int32_t flags, double gib, int32_t tokens) {
    static const int32_t sizes[] = {128, 256, 384, 768, 2048};
    int64_t bytes = (int64_t)(gib * 1024) << 20;
    void *table;
    loci_map_args map = {&table, bytes, 1, 0};
    fail(loci_map(NULL, &map));
    memset(table, 0x3c, (size_t)bytes); /* finite as any type */
    int64_t most = CALLS_BYTES / 128;
    int32_t *rows = malloc((size_t)most * 4), *groups = calloc((size_t)TOKENS * HITS, 4);
    float *weights = malloc(sizeof(float) * TOKENS * HITS), *out = malloc(sizeof(float) * TOKENS * 2048);
    for (int k = 0; k < TOKENS * HITS; k++) {
        weights[k] = 1;
    }
    for (int threads = 1; threads <= 2; threads++) {
        loci_context *context;
        loci_open_args open = {&context, isa, flags, threads, 0};
        fail(loci_open(NULL, &open));
        for (int k = 0; k < 10; k++) {
            int32_t data = sizes[k % 5], type = k < 5 ? LOCI_I8 : LOCI_BF16;
            int32_t dim = type == LOCI_I8 ? data : data / 2, stride = type == LOCI_I8 ? data + 16 : data;
            int64_t result, table_rows = bytes / stride, calls = CALLS_BYTES / data / (tokens * HITS);
            int64_t count = calls * tokens * HITS;
            uint64_t state = (uint64_t)data;
            for (int64_t i = 0; i < count; i++) {
                rows[i] = (int32_t)(next_random(&state) % (uint64_t)table_rows);
            }
            loci_table_part part = {table, table_rows * stride, 0, table_rows};
            gather_case c = {
                .context = context,
                .pool = {.parts = {&part, sizeof part},
                         .rows = {rows, count * 4},
                         .groups = {groups, (int64_t)TOKENS * HITS * 4},
                         .weights = {weights, (int64_t)TOKENS * HITS * 4},
                         .out = {out, (int64_t)TOKENS * 2048 * 4},
                         .stride = stride,
                         .part_count = 1,
                         .dim = dim,
                         .type = type,
                         .tokens = tokens,
                         .hits = HITS,
                         .core_count = 1,
                         .group_count = 1},
                .limit = {.data = {table, bytes},
                          .rows = {rows, count * 4},
                          .result = &result,
                          .kind = LOCI_LIMIT_ROWS,
                          .row_bytes = type == LOCI_I8 ? data + 8 : data,
                          .stride = stride},
                .calls = calls,
            };
            run_case(&c, threads, data, type == LOCI_I8 ? "i8" : "bf16");
        }
        fail(loci_close(context, NULL));
    }
    free(rows);
    free(groups);
    free(weights);
    free(out);
    loci_range_args range = {table, bytes};
    fail(loci_unmap(NULL, &range));
}
