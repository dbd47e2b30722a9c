/* How fast are the operations that a step spends its time in?  loci_kernels_bench [isa: generic, avx2, avx512, vnni,
 * amx [rows: pooling of skewed hits; sample: sampling; products: of panels only; attention; small: the other ops
 * between the products; gather [GIB [TOKENS]]: rows of a large table beside the limit]] Weights of the products are
 * read round robin from several copies, 64 MiB in all, so a single token's figure is the memory's. Each figure is the
 * best of five runs. */
#define _GNU_SOURCE
#include "bench_gather.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void *filled(int64_t bytes, int type) {
    uint8_t *data = aligned_alloc(64, (size_t)((bytes + 63) / 64 * 64));
    for (int64_t i = 0; i < bytes; i++) {
        data[i] = (uint8_t)(rand() >> 7);
    }
    for (int64_t i = 0; type == LOCI_F32 && i < bytes / 4; i++) {
        ((float *)(void *)data)[i] = (float)rand() / (float)RAND_MAX - 0.5f;
    }
    for (int64_t i = 1; type == LOCI_BF16 && i < bytes; i += 2) {
        data[i] = 0x3d;
    }
    return data;
}

static void fail(int32_t status) {
    if (status != 0) {
        fprintf(stderr, "status %d\n", status);
        exit(1);
    }
}

/* Shapes are whole panels, so rows and panels take the same bytes, and any bytes will do. */
static void bench_matmul(loci_context *context, int32_t rows, int32_t columns, int32_t type, int32_t activations,
                         int32_t layout, int32_t tokens) {
    int64_t bytes = (int64_t)rows * columns * (type == LOCI_F32 ? 4 : type == LOCI_BF16 ? 2 : 1);
    int copies = (int)((64 << 20) / bytes) + 1;
    uint8_t *weights = filled(bytes * copies, type);
    float *scales = filled((int64_t)rows * 4, LOCI_F32), *x = filled((int64_t)tokens * columns * 4, LOCI_F32);
    float *out = filled((int64_t)tokens * rows * 4, LOCI_F32);
    double best = 1e9;
    for (int run = 0; run < 5; run++) {
        int calls = tokens > 4 ? copies / 4 + 1 : copies;
        double start = now();
        for (int i = 0; i < calls; i++) {
            loci_matmul_args args = {
                .x = {x, (int64_t)tokens * columns * 4},
                .weights = {{weights + i * bytes, bytes}, {scales, (int64_t)rows * 4}, rows, columns, type, layout},
                .out = {out, (int64_t)tokens * rows * 4},
                .tokens = tokens,
                .activations = activations,
            };
            fail(loci_matmul(context, &args));
        }
        double seconds = (now() - start) / calls;
        best = seconds < best ? seconds : best;
    }
    printf(" %7.1f us %6.1f GB/s %7.1f GFLOP/s |", best * 1e6, (double)bytes / best * 1e-9,
           2.0 * (double)rows * columns * tokens / best * 1e-9);
    fflush(stdout);
    free(weights);
    free(scales);
    free(x);
    free(out);
}

static void bench_attention(loci_context *context, int32_t type, int32_t tokens, int32_t past) {
    enum { HEADS = 8, DIM = 64, PAGE = 16 };
    int32_t length = past + tokens, pages = (length + PAGE - 1) / PAGE;
    int32_t row = type == LOCI_F32 ? DIM * 4 : type == LOCI_I8 ? DIM + 4 : DIM * 2;
    int64_t bytes = (int64_t)pages * HEADS * PAGE * row;
    int32_t *table = malloc((size_t)pages * 4), *where = calloc((size_t)tokens, 8);
    for (int32_t i = 0; i < pages; i++) {
        table[i] = i;
    }
    for (int32_t t = 0; t < tokens; t++) {
        where[t] = past + t;
    }
    int64_t q_bytes = (int64_t)tokens * HEADS * DIM * 4;
    loci_attention_args args = {
        .q = {filled(q_bytes, LOCI_F32), q_bytes},
        .out = {filled(q_bytes, LOCI_F32), q_bytes},
        .kv = {{calloc(1, (size_t)bytes), bytes},
               {calloc(1, (size_t)bytes), bytes},
               {table, (int64_t)pages * 4},
               pages,
               1,
               pages,
               PAGE,
               HEADS,
               DIM,
               type},
        .tokens = {{where, tokens * 4}, {where + tokens, tokens * 4}, tokens, 0},
        .heads = HEADS,
    };
    double best = 1e9;
    for (int run = 0; run < 20; run++) {
        double start = now();
        fail(loci_attention(context, &args));
        double seconds = now() - start;
        best = seconds < best ? seconds : best;
    }
    double keys = (double)tokens * past + (double)tokens * (tokens + 1) / 2;
    printf(" %8.1f us %7.1f GFLOP/s |", best * 1e6, keys * HEADS * DIM * 4 / best * 1e-9);
    free(args.q.data);
    free(args.out.data);
    free(args.kv.keys.data);
    free(args.kv.values.data);
    free(table);
    free(where);
}

static void bench_memory_layer(loci_context *context, int32_t tokens, int32_t key_type) {
    enum { HEADS = 2, AXIS = 512, KEY = 128, RANK = 2, CORES = 2, TOP = 16, DIM = 256, ROWS = AXIS * AXIS / 4 };
    int32_t hits = HEADS * TOP, stride = DIM + 4;
    int32_t *shuffle = malloc(AXIS * AXIS * 4);
    for (int32_t i = 0; i < AXIS * AXIS; i++) {
        shuffle[i] = (int32_t)((int64_t)i * 40503 % (AXIS * AXIS));
    }
    int64_t n = (int64_t)tokens * hits, key_bytes = HEADS * 2 * AXIS * RANK * KEY * (key_type == LOCI_F32 ? 4 : 2);
    loci_span rows = {filled(n * 4, LOCI_I8), n * 4}, groups = {filled(n * 4, LOCI_I8), n * 4};
    loci_span weights = {filled(n * CORES * 4, LOCI_I8), n * CORES * 4};
    loci_retrieve_args find = {
        .queries = {filled((int64_t)tokens * 2 * KEY * 4, LOCI_F32), (int64_t)tokens * 2 * KEY * 4},
        .keys = {filled(key_bytes, key_type), key_bytes},
        .u = {filled(HEADS * RANK * 4, LOCI_F32), HEADS * RANK * 4},
        .v = {filled(HEADS * RANK * 4, LOCI_F32), HEADS * RANK * 4},
        .cores = {filled(CORES * HEADS * RANK * RANK * 4, LOCI_F32), CORES * HEADS * RANK * RANK * 4},
        .shuffle = {shuffle, AXIS * AXIS * 4},
        .rows = rows,
        .groups = groups,
        .weights = weights,
        .table_rows = ROWS,
        .tokens = tokens,
        .heads = HEADS,
        .axis_keys = AXIS,
        .key_dim = KEY,
        .rank = RANK,
        .core_count = CORES,
        .top = TOP,
        .group_count = 4,
        .key_type = key_type,
    };
    int64_t table_bytes = (int64_t)ROWS * stride, out_bytes = (int64_t)tokens * 4 * DIM * 4;
    loci_table_part part = {filled(table_bytes, LOCI_F32), table_bytes, 0, ROWS};
    loci_pool_args gather = {
        .parts = {&part, sizeof part},
        .rows = rows,
        .groups = groups,
        .weights = weights,
        .out = {filled(out_bytes, LOCI_F32), out_bytes},
        .stride = stride,
        .part_count = 1,
        .dim = DIM,
        .type = LOCI_I8,
        .tokens = tokens,
        .hits = hits,
        .core_count = CORES,
        .group_count = 4,
    };
    double best_find = 1e9, best_gather = 1e9;
    for (int run = 0; run < 20; run++) {
        double start = now();
        fail(loci_retrieve(context, &find));
        double found = now();
        fail(loci_pool(context, &gather));
        double end = now();
        best_find = found - start < best_find ? found - start : best_find;
        best_gather = end - found < best_gather ? end - found : best_gather;
    }
    printf("tokens %3d, %s keys: retrieve %7.1f us a token, pool %7.2f us a token\n", tokens,
           key_type == LOCI_F32 ? "f32 " : "bf16", best_find * 1e6 / tokens, best_gather * 1e6 / tokens);
    loci_span all[] = {rows, groups, weights, find.queries, find.keys, find.u, find.v, find.cores, gather.out};
    for (int i = 0; i < 9; i++) {
        free(all[i].data);
    }
    free(shuffle);
    free((void *)part.data);
}

/* Row numbers as a step hits them: Zipf with exponent 1 over the table, in an order that hides the frequent ones. */
static void zipf(int32_t *rows, int64_t count, int32_t table_rows) {
    double *reached = malloc((size_t)table_rows * sizeof *reached), sum = 0;
    for (int32_t i = 0; i < table_rows; i++) {
        reached[i] = sum += 1.0 / (i + 1);
    }
    for (int64_t k = 0; k < count; k++) {
        double wanted = sum * rand() / (RAND_MAX + 1.0);
        int32_t low = 0, high = table_rows - 1;
        while (low < high) {
            int32_t middle = low + (high - low) / 2;
            if (reached[middle] > wanted) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        rows[k] = (int32_t)((int64_t)low * 2654435761 % table_rows);
    }
    free(reached);
}

static const int32_t *row_numbers;
static int by_row(const void *a, const void *b) {
    int32_t x = row_numbers[*(const int32_t *)a], y = row_numbers[*(const int32_t *)b];
    return x < y ? -1 : x > y;
}

/* Copies each distinct row once, in order of row, and leaves in `dense` where each hit's copy is. */
static int32_t gather(const loci_table_part *part, int64_t stride, const int32_t *rows, int64_t count, int32_t *order,
                      int32_t *dense, uint8_t *copy) {
    int32_t distinct = 0, previous = -1;
    for (int32_t k = 0; k < count; k++) {
        order[k] = k;
    }
    row_numbers = rows;
    qsort(order, (size_t)count, sizeof *order, by_row);
    for (int64_t k = 0; k < count; k++) {
        int32_t row = rows[order[k]];
        if (row != previous) {
            if (k + 8 < count) {
                __builtin_prefetch((const uint8_t *)part->data + rows[order[k + 8]] * stride);
            }
            memcpy(copy + distinct++ * stride, (const uint8_t *)part->data + row * stride, (size_t)stride);
            previous = row;
        }
        dense[order[k]] = distinct - 1;
    }
    return distinct;
}

/* Pooling as hits come, counted and not, against pooling from a dense copy of the distinct rows: the copying without
 * its sort (a lower bound), then all of it. The table is 1 GiB, and each call has ids of its own. */
static void bench_distinct(loci_context *context, int32_t dim, int32_t tokens) {
    enum { HITS = 64, GROUPS = 4, CALLS = 12 };
    int32_t stride = dim == 2044 ? 2048 : (dim + 4 + 15) / 16 * 16, table_rows = (1 << 30) / stride;
    int64_t n = (int64_t)tokens * HITS, out_bytes = (int64_t)tokens * GROUPS * dim * 4;
    loci_table_part part = {malloc((size_t)table_rows * (size_t)stride), (int64_t)table_rows * stride, 0, table_rows};
    memset((void *)part.data, 1, (size_t)part.bytes);
    int32_t *rows = malloc((size_t)n * 4 * CALLS), *order = malloc((size_t)n * 4), *dense = malloc((size_t)n * 4);
    uint8_t *copy = malloc((size_t)n * (size_t)stride);
    memset(copy, 0, (size_t)n * (size_t)stride);
    int32_t *groups = calloc((size_t)n, 4);
    float *weights = filled(n * 4, LOCI_F32), *out = filled(out_bytes, LOCI_F32);
    for (int64_t i = 0; i < n; i++) {
        groups[i] = rand() % GROUPS;
    }
    int64_t unique = 0;
    loci_pool_args a = {
        .groups = {groups, n * 4},
        .weights = {weights, n * 4},
        .out = {out, out_bytes},
        .stride = stride,
        .part_count = 1,
        .dim = dim,
        .type = LOCI_I8,
        .tokens = tokens,
        .hits = HITS,
        .core_count = 1,
        .group_count = GROUPS,
    };
    double best[4] = {1e9, 1e9, 1e9, 1e9}, shared = 0;
    for (int run = 0; run < 5; run++) {
        double seconds[4] = {0};
        for (int way = 0; way < 3; way++) {
            zipf(rows, n * CALLS, table_rows);
            for (int call = 0; call < CALLS; call++) {
                int32_t *ids = rows + call * n;
                double start = now();
                a.unique_rows = way == 1 ? &unique : NULL;
                a.parts = (loci_span){&part, sizeof part};
                a.rows = (loci_span){ids, n * 4};
                if (way < 2) {
                    fail(loci_pool(context, &a));
                    seconds[way] += now() - start;
                    continue;
                }
                int32_t distinct = gather(&part, stride, ids, n, order, dense, copy);
                loci_table_part copied = {copy, (int64_t)distinct * stride, 0, distinct};
                a.parts = (loci_span){&copied, sizeof copied};
                a.rows = (loci_span){dense, n * 4};
                double gathered = now();
                fail(loci_pool(context, &a));
                double end = now();
                seconds[2] += end - gathered;
                seconds[3] += end - start;
                shared = (double)distinct / (double)n;
            }
        }
        for (int way = 0; way < 4; way++) {
            best[way] = seconds[way] < best[way] ? seconds[way] : best[way];
        }
    }
    printf("row %4d B, tokens %3d: as they come %8.1f us, counted %8.1f us, dense copy: pool alone %8.1f us, all "
           "%8.1f us; distinct %3.0f %%\n",
           stride, tokens, best[0] / CALLS * 1e6, best[1] / CALLS * 1e6, best[2] / CALLS * 1e6, best[3] / CALLS * 1e6,
           shared * 100);
    free((void *)part.data);
    free(rows);
    free(order);
    free(dense);
    free(copy);
    free(groups);
    free(weights);
    free(out);
}

static void bench_sample(loci_context *context, int32_t vocab_size) {
    enum { ROWS = 16 };
    static const struct {
        const char *name;
        loci_sample_row row;
    } cases[] = {
        {"greedy", {.top_p = 1, .repetition_penalty = 1, .given = -1, .alternatives = -1}},
        {"greedy, score of 5", {.top_p = 1, .repetition_penalty = 1, .given = -1, .alternatives = 5}},
        {"temperature 1",
         {.temperature = 1, .top_p = 1, .repetition_penalty = 1, .draw = 0.5, .given = -1, .alternatives = -1}},
        {"top_p 0.95",
         {.temperature = 1, .top_p = 0.95, .repetition_penalty = 1, .draw = 0.5, .given = -1, .alternatives = -1}},
        {"top_k 40, top_p 0.95",
         {.temperature = 1,
          .top_p = 0.95,
          .repetition_penalty = 1,
          .draw = 0.5,
          .given = -1,
          .top_k = 40,
          .alternatives = -1}},
    };
    int64_t bytes = (int64_t)ROWS * vocab_size * 4;
    float *logits = filled(bytes, LOCI_F32);
    for (int64_t i = 0; i < bytes / 4; i++) { /* about normal, with a deviation of 3 */
        float sum = 0;
        for (int k = 0; k < 4; k++) {
            sum += (float)rand() / (float)RAND_MAX - 0.5f;
        }
        logits[i] = sum * 5.2f;
    }
    int32_t ids[ROWS], top_ids[ROWS * 5];
    double logprobs[ROWS], top_logprobs[ROWS * 5];
    loci_sample_row rows[ROWS];
    for (unsigned k = 0; k < sizeof cases / sizeof *cases; k++) {
        for (int r = 0; r < ROWS; r++) {
            rows[r] = cases[k].row;
        }
        loci_sample_args a = {
            .logits = {logits, bytes},
            .rows = {rows, sizeof rows},
            .ids = {ids, sizeof ids},
            .logprobs = {logprobs, sizeof logprobs},
            .top_ids = {top_ids, sizeof top_ids},
            .top_logprobs = {top_logprobs, sizeof top_logprobs},
            .row_count = ROWS,
            .columns = vocab_size,
            .vocab_size = vocab_size,
            .top = 5,
        };
        double best = 1e9;
        for (int run = 0; run < 20; run++) {
            double start = now();
            fail(loci_sample(context, &a));
            double seconds = now() - start;
            best = seconds < best ? seconds : best;
        }
        printf("sample %6d ids, %-20s: %7.1f us a row\n", vocab_size, cases[k].name, best * 1e6 / ROWS);
    }
    free(logits);
}

enum { READ_BYTES = 256 << 20 };

static void *read_words(void *from) {
    const uint64_t *words = from;
    uint64_t sums[8] = {0};
    for (int64_t i = 0; i < READ_BYTES / 8; i += 8) {
        for (int k = 0; k < 8; k++) {
            sums[k] ^= words[i + k];
        }
    }
    for (int k = 1; k < 8; k++) {
        sums[0] ^= sums[k];
    }
    return (void *)(uintptr_t)sums[0];
}

/* Bytes a second that as many threads read in sequence, each from memory of its own. */
static double read_limit(int threads) {
    void *data[2];
    double best = 1e9;
    for (int i = 0; i < threads; i++) {
        data[i] = aligned_alloc(64, READ_BYTES);
        memset(data[i], i + 1, READ_BYTES);
    }
    for (int run = 0; run < 5; run++) {
        pthread_t other;
        double start = now();
        if (threads == 2) {
            fail(pthread_create(&other, NULL, read_words, data[1]));
        }
        volatile uintptr_t sum = (uintptr_t)read_words(data[0]);
        (void)sum;
        if (threads == 2) {
            fail(pthread_join(other, NULL));
        }
        double seconds = now() - start;
        best = seconds < best ? seconds : best;
    }
    for (int i = 0; i < threads; i++) {
        free(data[i]);
    }
    return (double)threads * READ_BYTES / best;
}

enum { HEADS = 8, KV_HEADS = 4, HEAD_DIM = 64, PAGE_TOKENS = 16 };

/* loci-mini's heads; sequences of `length` positions, the last `tokens` of each asked for. Keys read count once each.
 */
static void bench_cache(loci_context *context, int32_t type, int32_t sequences, int32_t length, int32_t tokens,
                        double limit) {
    int32_t each = (length + PAGE_TOKENS - 1) / PAGE_TOKENS, pages = sequences * each, count = sequences * tokens;
    int64_t row = type == LOCI_I8 ? HEAD_DIM + 4 : HEAD_DIM * 2, bytes = (int64_t)pages * KV_HEADS * PAGE_TOKENS * row;
    int32_t *table = malloc((size_t)pages * 4), *where = malloc((size_t)count * 8);
    uint8_t *keys = malloc((size_t)bytes), *values = malloc((size_t)bytes);
    memset(keys, 0x1c, (size_t)bytes);
    memset(values, 0x1c, (size_t)bytes);
    for (int32_t i = 0; i < pages; i++) {
        table[i] = i;
    }
    for (int32_t i = 0; i < count; i++) {
        where[i] = length - tokens + i % tokens;
        where[count + i] = i / tokens;
    }
    int64_t q_bytes = (int64_t)count * HEADS * HEAD_DIM * 4;
    loci_attention_args args = {
        .q = {filled(q_bytes, LOCI_F32), q_bytes},
        .out = {filled(q_bytes, LOCI_F32), q_bytes},
        .kv = {{keys, bytes},
               {values, bytes},
               {table, (int64_t)pages * 4},
               pages,
               sequences,
               each,
               PAGE_TOKENS,
               KV_HEADS,
               HEAD_DIM,
               type},
        .tokens = {{where, (int64_t)count * 4}, {where + count, (int64_t)count * 4}, count, 0},
        .heads = HEADS,
    };
    double best = 1e9, until = now() + 0.15;
    while (now() < until) {
        double start = now();
        fail(loci_attention(context, &args));
        double seconds = now() - start;
        best = seconds < best ? seconds : best;
    }
    double read = 2.0 * sequences * length * KV_HEADS * (double)row / best;
    double pairs = (double)count * (length - tokens) + (double)sequences * tokens * (tokens + 1) / 2;
    printf("attention %-4s context %5d, %2d x %3d tokens: %9.1f us %6.1f GB/s (%.2f of sequential) %6.1f GFLOP/s\n",
           type == LOCI_I8 ? "i8" : "f16", length, sequences, tokens, best * 1e6, read * 1e-9, read / limit,
           pairs * HEADS * HEAD_DIM * 4 / best * 1e-9);
    fflush(stdout);
    free(args.q.data);
    free(args.out.data);
    free(keys);
    free(values);
    free(table);
    free(where);
}

static void bench_caches(loci_context *context, int threads) {
    static const int32_t types[] = {LOCI_F16, LOCI_I8}, lengths[] = {128, 1024, 8192}, batches[] = {1, 8, 32};
    double limit = read_limit(threads);
    printf("sequential read %.1f GB/s\n", limit * 1e-9);
    for (int t = 0; t < 2; t++) {
        for (int k = 0; k < 9; k++) {
            bench_cache(context, types[t], batches[k % 3], lengths[k / 3], 1, limit);
        }
        bench_cache(context, types[t], 1, 256, 256, limit);
        bench_cache(context, types[t], 1, 1024, 256, limit);
        bench_cache(context, types[t], 1, 8192, 256, limit);
    }
}

static void do_nothing(void *job, int32_t item, int32_t thread) {
    (void)job;
    (void)item;
    (void)thread;
}

/* Microseconds of one call: the best of many rounds of 20. */
#define BEST(call)                                                                                                     \
    ({                                                                                                                 \
        double best = 1e9, until = now() + 0.05;                                                                       \
        while (now() < until) {                                                                                        \
            double start = now();                                                                                      \
            for (int i = 0; i < 20; i++) {                                                                             \
                call;                                                                                                  \
            }                                                                                                          \
            double seconds = (now() - start) / 20;                                                                     \
            best = seconds < best ? seconds : best;                                                                    \
        }                                                                                                              \
        best * 1e6;                                                                                                    \
    })

static void bench_small(loci_context *context, int32_t tokens) {
    enum { WIDTH = 512, INNER = 1408, ROWS = 16384, QKV = (HEADS + 2 * KV_HEADS) * HEAD_DIM };
    int64_t wide = (int64_t)tokens * WIDTH * 4, inner = (int64_t)tokens * INNER * 4,
            qkv_bytes = (int64_t)tokens * QKV * 4;
    int32_t *where = calloc((size_t)tokens, 12), pages = (tokens + PAGE_TOKENS - 1) / PAGE_TOKENS;
    int32_t *table = malloc((size_t)pages * 4);
    int64_t cache = (int64_t)pages * KV_HEADS * PAGE_TOKENS * HEAD_DIM * 2, angles = (int64_t)tokens * HEAD_DIM * 4;
    for (int32_t t = 0; t < tokens; t++) {
        where[t] = t;
        where[2 * tokens + t] = t * 61 % ROWS;
    }
    for (int32_t i = 0; i < pages; i++) {
        table[i] = i;
    }
    loci_span x = {filled(2 * inner, LOCI_F32), 2 * inner}, out = {filled(inner, LOCI_F32), inner};
    loci_span weight = {filled(WIDTH * 4, LOCI_F32), WIDTH * 4};
    loci_span positions = {where, (int64_t)tokens * 4}, sequences = {where + tokens, (int64_t)tokens * 4};
    loci_norm_args norm = {{x.data, wide}, weight, {out.data, wide}, tokens, WIDTH, LOCI_NORM_RMS, 1e-5f};
    loci_swiglu_args swiglu = {x, out, tokens, INNER};
    loci_embed_args embed = {
        .table = {{filled((int64_t)ROWS * WIDTH * 2, LOCI_BF16), (int64_t)ROWS * WIDTH * 2},
                  {NULL, 0},
                  ROWS,
                  WIDTH,
                  LOCI_BF16,
                  0},
        .ids = {where + 2 * (int64_t)tokens, (int64_t)tokens * 4},
        .out = {out.data, wide},
        .tokens = tokens,
    };
    loci_qkv_args qkv = {
        .qkv = {filled(qkv_bytes, LOCI_F32), qkv_bytes},
        .cos_sin = {filled(angles, LOCI_F32), angles},
        .q = {out.data, wide},
        .kv = {{malloc((size_t)cache), cache},
               {malloc((size_t)cache), cache},
               {table, (int64_t)pages * 4},
               pages,
               1,
               pages,
               PAGE_TOKENS,
               KV_HEADS,
               HEAD_DIM,
               LOCI_F16},
        .tokens = {positions, sequences, tokens, 0},
        .heads = HEADS,
        .positions = tokens,
        .norm_heads = 1,
        .norm_eps = 1e-5f,
        .clip = INFINITY,
    };
    double times[] = {BEST(fail(loci_norm(context, &norm))), BEST(fail(loci_swiglu(context, &swiglu))),
                      BEST(fail(loci_qkv(context, &qkv))), BEST(fail(loci_embed(context, &embed))),
                      BEST(loci_parallel_even(context, do_nothing, NULL, tokens, 1e9))};
    printf("tokens %3d: norm %7.2f, swiglu %7.2f, qkv %7.2f, embed %7.2f, nothing %7.2f us\n", tokens, times[0],
           times[1], times[2], times[3], times[4]);
    void *all[] = {x.data,
                   out.data,
                   weight.data,
                   embed.table.data.data,
                   qkv.qkv.data,
                   qkv.cos_sin.data,
                   qkv.kv.keys.data,
                   qkv.kv.values.data,
                   table,
                   where};
    for (int i = 0; i < 10; i++) {
        free(all[i]);
    }
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        int32_t isa, flags;
    } isas[] = {
        {"generic", LOCI_ISA_GENERIC, 0},
        {"avx2", LOCI_ISA_AVX2, LOCI_CPU_AVX2},
        {"avx512", LOCI_ISA_AVX512, LOCI_CPU_AVX2 | LOCI_CPU_AVX512},
        {"vnni", LOCI_ISA_AVX512, LOCI_CPU_AVX2 | LOCI_CPU_AVX512 | LOCI_CPU_AVX512_VNNI | LOCI_CPU_AVX512_BF16},
        {"amx", LOCI_ISA_AMX,
         LOCI_CPU_AVX2 | LOCI_CPU_AVX512 | LOCI_CPU_AVX512_VNNI | LOCI_CPU_AVX512_BF16 | LOCI_CPU_AMX_TILE |
             LOCI_CPU_AMX_INT8 | LOCI_CPU_AMX_BF16}};
    static const int32_t shapes[][2] = {{2816, 512}, {512, 1408}, {16384, 512}, {11008, 2048}},
                         tokens[] = {1, 4, 8, 32, 256};
    static const struct {
        const char *name;
        int32_t weights, activations, layout;
    } types[] = {{"i8*i8 panels", LOCI_I8, LOCI_I8, LOCI_PANELS},
                 {"bf16*bf16 panels", LOCI_BF16, LOCI_BF16, LOCI_PANELS},
                 {"bf16*f32 panels", LOCI_BF16, LOCI_F32, LOCI_PANELS},
                 {"i8*i8", LOCI_I8, LOCI_I8, LOCI_ROWS},
                 {"i8*f32", LOCI_I8, LOCI_F32, LOCI_ROWS},
                 {"bf16*f32", LOCI_BF16, LOCI_F32, LOCI_ROWS},
                 {"f32*f32", LOCI_F32, LOCI_F32, LOCI_ROWS}};
    const char *wanted = count > 1 ? arguments[1] : "vnni", *only = count > 2 ? arguments[2] : "";
    for (int k = 0; k < 5; k++) {
        if (strcmp(isas[k].name, wanted) != 0) {
            continue;
        }
        if (strcmp(only, "gather") == 0) {
            bench_gather(isas[k].isa, isas[k].flags, count > 3 ? atof(arguments[3]) : 8,
                         count > 4 ? atoi(arguments[4]) : 512);
            return 0;
        }
        for (int threads = 1; threads <= 2; threads++) {
            loci_context *context;
            loci_open_args open = {&context, isas[k].isa, isas[k].flags, threads, 0};
            fail(loci_open(NULL, &open));
            printf("%s, %d thread(s)\n", wanted, threads);
            if (strcmp(only, "rows") == 0) {
                static const int32_t dims[] = {140, 268, 764, 2044}, steps[] = {1, 16, 64, 256};
                for (int d = 0; d < 16; d++) {
                    bench_distinct(context, dims[d / 4], steps[d % 4]);
                }
            }
            if (strcmp(only, "sample") == 0) {
                bench_sample(context, 32000);
                bench_sample(context, 128000);
            }
            if (strcmp(only, "attention") == 0) {
                bench_caches(context, threads);
            }
            for (int n = 0; n < 10 && strcmp(only, "memory") == 0; n++) {
                static const int32_t steps[] = {1, 4, 16, 32, 256};
                bench_memory_layer(context, steps[n % 5], n < 5 ? LOCI_F32 : LOCI_BF16);
            }
            for (int n = 0; n < 5 && strcmp(only, "small") == 0; n++) {
                static const int32_t steps[] = {1, 2, 8, 26, 256};
                bench_small(context, steps[n]);
            }
            bool products = strcmp(only, "products") == 0;
            if (*only != 0 && !products) {
                fail(loci_close(context, NULL));
                continue;
            }
            for (int s = 0; s < 4; s++) {
                for (int t = 0; t < (products ? 3 : 7); t++) {
                    printf("%5dx%-4d %-16s", shapes[s][0], shapes[s][1], types[t].name);
                    for (int n = 0; n < 5; n++) {
                        bench_matmul(context, shapes[s][0], shapes[s][1], types[t].weights, types[t].activations,
                                     types[t].layout, tokens[n]);
                    }
                    printf("\n");
                }
            }
            if (products) {
                fail(loci_close(context, NULL));
                continue;
            }
            static const char *const names[] = {"f32", "bf16", "f16", "i8"};
            for (int32_t type = LOCI_F32; type <= LOCI_I8; type++) {
                printf("attention %-5s decode 1 of 1024, prefill 128 after 512:", names[type]);
                bench_attention(context, type, 1, 1023);
                bench_attention(context, type, 128, 512);
                printf("\n");
            }
            for (int n = 0; n < 8; n++) {
                bench_memory_layer(context, tokens[n % 4], n < 4 ? LOCI_F32 : LOCI_BF16);
            }
            fail(loci_close(context, NULL));
        }
        return 0;
    }
    fprintf(stderr, "isa: expected generic, avx2, avx512, vnni or amx, found %s\n", wanted);
    return 2;
}
