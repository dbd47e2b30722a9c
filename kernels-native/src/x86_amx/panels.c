/* Products of panels by tiles of 16 tokens x 16 rows: a step of a panel is a row of a tile as it lies. Integer sums are
 * exact, so a few tokens may go to VNNI's loop instead; sums of bf16 are not, so every number of tokens goes through
 * tiles, a step of 32 columns after the other. */
#include "../internal.h"

#include <immintrin.h>
#include <string.h>

#include "../inner/panels.h"

enum { TILE = 16, STEP_BYTES = LOCI_PANEL_ROWS * 4, TILE_BYTES = TILE * STEP_BYTES, FEW_TOKENS = 4 };

typedef struct {
    uint8_t palette, start_row, zeros[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_config;
_Static_assert(sizeof(tile_config) == 64, "as the CPU reads it");

/* Sums in tiles 0..3, tokens in 4 and 5, weights in 6 and 7. Tiles 0, 1 and 4 belong to the first 16 tokens. */
static void configure(int first_tokens, int second_tokens) {
    tile_config config = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        bool second = tile == 2 || tile == 3 || tile == 5;
        config.rows[tile] = (uint8_t)(tile >= 6 ? TILE : second ? second_tokens : first_tokens);
        config.row_bytes[tile] = config.rows[tile] == 0 ? 0 : 64;
    }
    /* gcc 12 takes only 8 bytes of the operand for read and may drop the stores of the others */
    __asm__ volatile("" : : "r"(&config) : "memory");
    _tile_loadconfig(&config);
}

typedef struct {
    int32_t sums[4][TILE][TILE]; /* [first tokens, lower rows], [first, upper], [second, lower], [second, upper] */
} tile_sums;

/* The sums of 32 rows of a panel, from `w` on, for up to 32 tokens. */
#define TILE_PRODUCTS(name, instruction)                                                                               \
    LOCI_INLINE void name(const uint8_t *x, int64_t x_bytes, const uint8_t *w, int64_t tiles, bool second,             \
                          tile_sums *out) {                                                                            \
        const uint8_t *x2 = x + TILE * x_bytes;                                                                        \
        _tile_zero(0);                                                                                                 \
        _tile_zero(1);                                                                                                 \
        if (second) {                                                                                                  \
            _tile_zero(2);                                                                                             \
            _tile_zero(3);                                                                                             \
            for (int64_t k = 0; k < tiles; k++) {                                                                      \
                _tile_loadd(4, x + k * 64, (size_t)x_bytes);                                                           \
                _tile_loadd(6, w + k * TILE_BYTES, STEP_BYTES);                                                        \
                _tile_loadd(7, w + k * TILE_BYTES + 64, STEP_BYTES);                                                   \
                _tile_loadd(5, x2 + k * 64, (size_t)x_bytes);                                                          \
                instruction(0, 4, 6);                                                                                  \
                instruction(1, 4, 7);                                                                                  \
                instruction(2, 5, 6);                                                                                  \
                instruction(3, 5, 7);                                                                                  \
            }                                                                                                          \
            _tile_stored(2, out->sums[2], 64);                                                                         \
            _tile_stored(3, out->sums[3], 64);                                                                         \
        } else {                                                                                                       \
            for (int64_t k = 0; k < tiles; k++) {                                                                      \
                _tile_loadd(4, x + k * 64, (size_t)x_bytes);                                                           \
                _tile_loadd(6, w + k * TILE_BYTES, STEP_BYTES);                                                        \
                _tile_loadd(7, w + k * TILE_BYTES + 64, STEP_BYTES);                                                   \
                instruction(0, 4, 6);                                                                                  \
                instruction(1, 4, 7);                                                                                  \
            }                                                                                                          \
        }                                                                                                              \
        _tile_stored(0, out->sums[0], 64);                                                                             \
        _tile_stored(1, out->sums[1], 64);                                                                             \
    }
TILE_PRODUCTS(products_i8, _tile_dpbssd)
TILE_PRODUCTS(products_bf16, _tile_dpbf16ps)

static void put(const loci_matmul_job *job, bool bytes, int32_t token, int tokens, int32_t row, int rows,
                const tile_sums *sums) {
    for (int t = 0; t < tokens; t++) {
        for (int half = 0; half < 2; half++) {
            int count = rows - half * TILE < TILE ? rows - half * TILE : TILE;
            const int32_t *from = sums->sums[t / TILE * 2 + half][t % TILE];
            if (count > 0 && bytes) {
                panel_put_i8(job, token + t, row + half * TILE, count, from, 0);
            } else if (count > 0) {
                float values[TILE];
                memcpy(values, from, sizeof values);
                panel_put(job, token + t, row + half * TILE, count, values);
            }
        }
    }
}

LOCI_INLINE void multiply(const loci_matmul_job *job, bool bytes, int32_t first, int32_t end) {
    int64_t row_bytes = bytes ? loci_panel_columns_i8(job->columns) : loci_panel_columns_bf16(job->columns) * 2;
    int64_t x_bytes = job->x_stride * (bytes ? 1 : 2), tiles = row_bytes / 64;
    for (int32_t token = 0; token < job->tokens; token += 2 * TILE) {
        int tokens = job->tokens - token < 2 * TILE ? job->tokens - token : 2 * TILE;
        int second = tokens > TILE ? tokens - TILE : 0;
        configure(tokens - second, second);
        const uint8_t *x = (const uint8_t *)job->x + token * x_bytes;
        for (int32_t row = first; row < end; row += 2 * TILE) {
            const uint8_t *w = job->weights + row / LOCI_PANEL_ROWS * (row_bytes * LOCI_PANEL_ROWS) +
                               (int64_t)(row % LOCI_PANEL_ROWS) * 4;
            tile_sums sums;
            if (bytes) {
                products_i8(x, x_bytes, w, tiles, second > 0, &sums);
            } else {
                products_bf16(x, x_bytes, w, tiles, second > 0, &sums);
            }
            put(job, bytes, token, tokens, row, end - row < 2 * TILE ? end - row : 2 * TILE, &sums);
        }
    }
    _tile_release();
}

static void panels_i8(const loci_matmul_job *job, int32_t first, int32_t end) {
    if (job->tokens <= FEW_TOKENS) {
        loci_panels_i8_vnni(job, first, end);
    } else {
        multiply(job, true, first, end);
    }
}

static void panels_bf16_bf16(const loci_matmul_job *job, int32_t first, int32_t end) {
    multiply(job, false, first, end);
}

void loci_kernels_amx(loci_kernels *table) {
    table->panels_i8 = panels_i8;
    table->panels_bf16_bf16 = panels_bf16_bf16;
}
