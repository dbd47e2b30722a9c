/* Reads and products that do nothing else, compiled for the FMA and VEC_BYTES defined before this file. */
#include "../internal.h"

typedef int64_t line __attribute__((vector_size(64), aligned(8), may_alias));
typedef int64_t word __attribute__((may_alias));
typedef float lanes __attribute__((vector_size(VEC_BYTES)));

enum { LINE = 64, LANES = VEC_BYTES / 4, CHAINS = 16, TOUCHED = 32 };

static int64_t fold(line sum) {
    int64_t folded = 0;
    for (int i = 0; i < 8; i++) {
        folded ^= sum[i];
    }
    return folded;
}

static int64_t limit_read(const void *data, int64_t bytes) {
    const line *lines = data;
    line sums[4] = {{0}};
    int64_t count = bytes / LINE, i = 0;
    for (; i + 4 <= count; i += 4) {
        for (int k = 0; k < 4; k++) {
            sums[k] ^= lines[i + k];
        }
    }
    for (; i < count; i++) {
        sums[0] ^= lines[i];
    }
    return fold(sums[0] ^ sums[1] ^ sums[2] ^ sums[3]);
}

static inline const char *limit_row(const void *data, int32_t stride, const int32_t *rows, int64_t i) {
    return (const char *)data + (int64_t)rows[i] * stride;
}

/* The first two lines of many rows at a time, then the others row by row: page walks run beside each other. */
static int64_t limit_rows(const void *data, int32_t row_bytes, int32_t stride, const int32_t *rows, int64_t count,
                          int32_t ahead) {
    line sums[2] = {{0}};
    int64_t rest = 0, touched = ahead > 0 ? 0 : count;
    int32_t lines = row_bytes / LINE;
    for (int64_t i = 0; i < count; i++) {
        if (touched < loci_min(count, i + ahead + TOUCHED)) {
            for (int64_t end = loci_min(count, i + ahead + 2 * TOUCHED); touched < end; touched++) {
                const char *next = limit_row(data, stride, rows, touched);
                __builtin_prefetch(next, 0, 2);
                __builtin_prefetch(next + LINE, 0, 2);
            }
        }
        if (ahead > 0 && i + ahead < count) {
            const char *next = limit_row(data, stride, rows, i + ahead), *end = next + row_bytes;
            for (next += 2 * LINE - (uintptr_t)next % LINE; next < end; next += LINE) {
                __builtin_prefetch(next, 0, 2);
            }
        }
        const char *row = limit_row(data, stride, rows, i);
        for (int32_t k = 0; k < lines; k++) {
            sums[k & 1] ^= *(const line *)(row + (int64_t)k * LINE);
        }
        for (int32_t at = lines * LINE; at < row_bytes; at += 8) {
            rest ^= *(const word *)(row + at);
        }
    }
    return fold(sums[0] ^ sums[1]) ^ rest;
}

/* Every lane of every chain counts its products: x * 1 + 1. */
static int64_t limit_f32(int64_t repeats) {
    lanes sums[CHAINS] = {{0}}, one;
    for (int i = 0; i < LANES; i++) {
        one[i] = 1;
    }
#pragma GCC unroll 16
    for (int k = 0; k < CHAINS; k++) {
        KEEP(sums[k]); /* or they are seen to be equal */
    }
    for (int64_t n = 0; n < repeats; n++) {
        KEEP(one);
#pragma GCC unroll 16
        for (int k = 0; k < CHAINS; k++) {
            sums[k] = FMA(sums[k], one, one);
        }
    }
    int64_t products = 0;
    for (int k = 0; k < CHAINS; k++) {
        for (int i = 0; i < LANES; i++) {
            products += (int64_t)sums[k][i];
        }
    }
    return products;
}

static void fill_limits(loci_limits *limits) {
    limits->read = limit_read;
    limits->rows = limit_rows;
    limits->products[LOCI_LIMIT_F32] = limit_f32;
}
