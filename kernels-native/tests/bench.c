/* How fast are the operations that a step spends its time in?  loci_kernels_bench [isa: generic, avx2, avx512, vnni]
 * Weights of the products are read round robin from several copies, 64 MiB in all, so a single token's figure is the
 * memory's. Each figure is the best of five runs. */
#define _GNU_SOURCE
#include "loci_kernels.h"

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

static void bench_matmul(loci_context *context, int32_t rows, int32_t columns, int32_t type, int32_t activations,
                         int32_t tokens) {
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
                .weights = {{weights + i * bytes, bytes}, {scales, (int64_t)rows * 4}, rows, columns, type, 0},
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

static void bench_memory_layer(loci_context *context, int32_t tokens) {
    enum { HEADS = 2, AXIS = 512, KEY = 128, RANK = 2, CORES = 2, TOP = 32, DIM = 256, ROWS = AXIS * AXIS / 4 };
    int32_t hits = HEADS * TOP, stride = DIM + 4;
    int32_t *shuffle = malloc(AXIS * AXIS * 4);
    for (int32_t i = 0; i < AXIS * AXIS; i++) {
        shuffle[i] = (int32_t)((int64_t)i * 40503 % (AXIS * AXIS));
    }
    int64_t n = (int64_t)tokens * hits;
    loci_span rows = {filled(n * 4, LOCI_I8), n * 4}, groups = {filled(n * 4, LOCI_I8), n * 4};
    loci_span weights = {filled(n * CORES * 4, LOCI_I8), n * CORES * 4};
    loci_retrieve_args find = {
        .queries = {filled((int64_t)tokens * 2 * KEY * 4, LOCI_F32), (int64_t)tokens * 2 * KEY * 4},
        .keys = {filled(HEADS * 2 * AXIS * RANK * KEY * 4, LOCI_F32), HEADS * 2 * AXIS * RANK * KEY * 4},
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
    printf("tokens %3d: retrieve %7.1f us a token, pool %7.2f us a token\n", tokens, best_find * 1e6 / tokens,
           best_gather * 1e6 / tokens);
    loci_span all[] = {rows, groups, weights, find.queries, find.keys, find.u, find.v, find.cores, gather.out};
    for (int i = 0; i < 9; i++) {
        free(all[i].data);
    }
    free(shuffle);
    free((void *)part.data);
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        int32_t isa, flags;
    } isas[] = {{"generic", LOCI_ISA_GENERIC, 0},
                {"avx2", LOCI_ISA_AVX2, LOCI_CPU_AVX2},
                {"avx512", LOCI_ISA_AVX512, LOCI_CPU_AVX2 | LOCI_CPU_AVX512},
                {"vnni", LOCI_ISA_AVX512, LOCI_CPU_AVX2 | LOCI_CPU_AVX512 | LOCI_CPU_AVX512_VNNI}};
    static const int32_t shapes[][2] = {{2816, 512}, {512, 1408}, {16384, 512}}, tokens[] = {1, 4, 16, 64};
    static const struct {
        const char *name;
        int32_t weights, activations;
    } types[] = {{"i8*i8", LOCI_I8, LOCI_I8},
                 {"i8*f32", LOCI_I8, LOCI_F32},
                 {"bf16", LOCI_BF16, LOCI_F32},
                 {"f32", LOCI_F32, LOCI_F32}};
    const char *wanted = count > 1 ? arguments[1] : "vnni";
    for (int k = 0; k < 4; k++) {
        if (strcmp(isas[k].name, wanted) != 0) {
            continue;
        }
        for (int threads = 1; threads <= 2; threads++) {
            loci_context *context;
            loci_open_args open = {&context, isas[k].isa, isas[k].flags, threads, 0};
            fail(loci_open(NULL, &open));
            printf("%s, %d thread(s)\n", wanted, threads);
            for (int s = 0; s < 3; s++) {
                for (int t = 0; t < 4; t++) {
                    printf("%5dx%-4d %-6s", shapes[s][0], shapes[s][1], types[t].name);
                    for (int n = 0; n < 4; n++) {
                        bench_matmul(context, shapes[s][0], shapes[s][1], types[t].weights, types[t].activations,
                                     tokens[n]);
                    }
                    printf("\n");
                }
            }
            static const char *const names[] = {"f32", "bf16", "f16", "i8"};
            for (int32_t type = LOCI_F32; type <= LOCI_I8; type++) {
                printf("attention %-5s decode 1 of 1024, prefill 128 after 512:", names[type]);
                bench_attention(context, type, 1, 1023);
                bench_attention(context, type, 128, 512);
                printf("\n");
            }
            for (int n = 0; n < 4; n++) {
                bench_memory_layer(context, tokens[n]);
            }
            fail(loci_close(context, NULL));
        }
        return 0;
    }
    fprintf(stderr, "isa: expected generic, avx2, avx512 or vnni, found %s\n", wanted);
    return 2;
}
