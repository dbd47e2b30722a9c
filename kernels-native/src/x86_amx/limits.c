#include "../internal.h"

#include <immintrin.h>
#include <string.h>

typedef struct {
    uint8_t palette, start_row, zeros[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_config;
_Static_assert(sizeof(tile_config) == 64, "as the CPU reads it");

enum { TILE = 16, ROW_BYTES = 64 };

/* Sums in tiles 0..5, factors in 6 and 7, all of them full of `ones`. */
static void start(const void *ones) {
    tile_config config = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        config.rows[tile] = TILE;
        config.row_bytes[tile] = ROW_BYTES;
    }
    /* gcc 12 takes only 8 bytes of the operand for read and may drop the stores of the others */
    __asm__ volatile("" : : "r"(&config) : "memory");
    _tile_loadconfig(&config);
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    _tile_zero(4);
    _tile_zero(5);
    _tile_loadd(6, ones, ROW_BYTES);
    _tile_loadd(7, ones, ROW_BYTES);
}

#define REPEAT(instruction)                                                                                            \
    for (int64_t n = 0; n < repeats; n++) {                                                                            \
        instruction(0, 6, 7);                                                                                          \
        instruction(1, 6, 7);                                                                                          \
        instruction(2, 6, 7);                                                                                          \
        instruction(3, 6, 7);                                                                                          \
        instruction(4, 6, 7);                                                                                          \
        instruction(5, 6, 7);                                                                                          \
    }

static void store(void *sums) {
    char *out = sums;
    _tile_stored(0, out, ROW_BYTES);
    _tile_stored(1, out + TILE * ROW_BYTES, ROW_BYTES);
    _tile_stored(2, out + 2 * TILE * ROW_BYTES, ROW_BYTES);
    _tile_stored(3, out + 3 * TILE * ROW_BYTES, ROW_BYTES);
    _tile_stored(4, out + 4 * TILE * ROW_BYTES, ROW_BYTES);
    _tile_stored(5, out + 5 * TILE * ROW_BYTES, ROW_BYTES);
    _tile_release();
    __asm__ volatile("" : : "r"(sums) : "memory");
}

static int64_t limit_i8(int64_t repeats) {
    int8_t ones[TILE * ROW_BYTES];
    int32_t sums[6 * TILE * TILE];
    memset(ones, 1, sizeof ones);
    __asm__ volatile("" : : "r"(ones) : "memory");
    start(ones);
    REPEAT(_tile_dpbssd)
    store(sums);
    int64_t products = 0;
    for (int i = 0; i < 6 * TILE * TILE; i++) {
        products += sums[i];
    }
    return products;
}

/* Exact below 2^24 a sum, 32 an instruction. */
static int64_t limit_bf16(int64_t repeats) {
    uint16_t ones[TILE * ROW_BYTES / 2];
    float sums[6 * TILE * TILE];
    for (int i = 0; i < TILE * ROW_BYTES / 2; i++) {
        ones[i] = 0x3f80;
    }
    int64_t products = 0, left = repeats;
    while (left > 0) {
        repeats = loci_min(left, 1 << 18);
        left -= repeats;
        __asm__ volatile("" : : "r"(ones) : "memory");
        start(ones);
        REPEAT(_tile_dpbf16ps)
        store(sums);
        for (int i = 0; i < 6 * TILE * TILE; i++) {
            products += (int64_t)sums[i];
        }
    }
    return products;
}

void loci_limits_amx(loci_limits *limits) {
    limits->products[LOCI_LIMIT_TILE_I8] = limit_i8;
    limits->products[LOCI_LIMIT_TILE_BF16] = limit_bf16;
}
