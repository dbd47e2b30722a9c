/* Products of panels by tiles: a step of a panel, 64 columns of int8 or 32 of bf16, is 4 tiles of 16 rows as it lies.
 * Integer sums are exact, so a few tokens may go to VNNI's loop instead; sums of bf16 are not, so every number of
 * tokens goes through tiles, step after step.
 *
 * Up to 16 tokens take a panel in one pass: one tile of tokens against all 4 of a step, so that four sums are under way
 * and none waits for itself. More take it in two passes of 2 x 2 tiles, which read half as much for each product. */
#include "../internal.h"

#include <immintrin.h>
#include <string.h>

#include "../inner/panels.h"

enum {
    TILE = 16,
    BLOCK = 2 * TILE,                        /* tokens that are multiplied together */
    LINE = 64,                               /* bytes: 16 rows of 4, or a step of a token */
    STEP_BYTES = TILE * LOCI_PANEL_ROWS * 4, /* of a panel */
    WEIGHT_STRIDE = LOCI_PANEL_ROWS * 4,
    FEW_TOKENS = 4
};

typedef struct {
    uint8_t palette, start_row, zeros[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_config;
_Static_assert(sizeof(tile_config) == 64, "as the CPU reads it");

/* `tokens`: rows of each tile. */
static void configure(const int tokens[8]) {
    tile_config config = {.palette = 1};
    for (int tile = 0; tile < 8; tile++) {
        config.rows[tile] = (uint8_t)tokens[tile];
        config.row_bytes[tile] = tokens[tile] == 0 ? 0 : LINE;
    }
    /* gcc 12 takes only 8 bytes of the operand for read and may drop the stores of the others */
    __asm__ volatile("" : : "r"(&config) : "memory");
    _tile_loadconfig(&config);
}

/* Sums in tiles 0..3, tokens in 4, weights in 5..7. */
static void configure_single(int tokens) {
    configure((const int[8]){tokens, tokens, tokens, tokens, tokens, TILE, TILE, TILE});
}

/* Sums in tiles 0..3, tokens in 4 and 5, weights in 6 and 7; `second` of the tokens are behind the first 16. */
static void configure_double(int second) {
    configure((const int[8]){TILE, TILE, second, second, TILE, second, TILE, TILE});
}

/* The panel that comes next is fetched while tiles are multiplied, `share` bytes at each of the PARTS places of a step.
 */
enum { PARTS = 8 };
typedef struct {
    const uint8_t *next;
    const uint8_t *end;
    int64_t share;
} fetches;

LOCI_INLINE void fetch_part(fetches *ahead) {
    const uint8_t *end = ahead->end - ahead->next < ahead->share ? ahead->end : ahead->next + ahead->share;
    for (; ahead->next < end; ahead->next += LINE) {
        __builtin_prefetch(ahead->next, 0, 2);
    }
}

typedef struct {
    _Alignas(64) int32_t sums[4][TILE][TILE];
} tile_sums;

LOCI_INLINE void zero_sums(void) {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
}

LOCI_INLINE void store_sums(tile_sums *out) {
    _tile_stored(0, out->sums[0], LINE);
    _tile_stored(1, out->sums[1], LINE);
    _tile_stored(2, out->sums[2], LINE);
    _tile_stored(3, out->sums[3], LINE);
}

/* Single: sums of 64 rows of a panel for up to 16 tokens, 16 rows a tile. Double: of 32 rows for up to 32 tokens: first
 * tokens and lower rows, first and upper, second and lower, second and upper. */
#define TILE_PRODUCTS(type, instruction)                                                                               \
    LOCI_INLINE void single_##type(const uint8_t *x, int64_t x_bytes, const uint8_t *w, int64_t steps, fetches *ahead, \
                                   tile_sums *out) {                                                                   \
        zero_sums();                                                                                                   \
        for (int64_t k = 0; k < steps; k++, x += LINE, w += STEP_BYTES) {                                              \
            _tile_loadd(4, x, (size_t)x_bytes);                                                                        \
            _tile_loadd(5, w, WEIGHT_STRIDE);                                                                          \
            fetch_part(ahead);                                                                                         \
            instruction(0, 4, 5);                                                                                      \
            fetch_part(ahead);                                                                                         \
            _tile_loadd(6, w + LINE, WEIGHT_STRIDE);                                                                   \
            fetch_part(ahead);                                                                                         \
            instruction(1, 4, 6);                                                                                      \
            fetch_part(ahead);                                                                                         \
            _tile_loadd(7, w + 2 * LINE, WEIGHT_STRIDE);                                                               \
            fetch_part(ahead);                                                                                         \
            instruction(2, 4, 7);                                                                                      \
            fetch_part(ahead);                                                                                         \
            _tile_loadd(5, w + 3 * LINE, WEIGHT_STRIDE);                                                               \
            fetch_part(ahead);                                                                                         \
            instruction(3, 4, 5);                                                                                      \
            fetch_part(ahead);                                                                                         \
        }                                                                                                              \
        store_sums(out);                                                                                               \
    }                                                                                                                  \
    LOCI_INLINE void double_##type(const uint8_t *x, int64_t x_bytes, const uint8_t *w, int64_t steps, fetches *ahead, \
                                   tile_sums *out) {                                                                   \
        const uint8_t *x2 = x + TILE * x_bytes;                                                                        \
        zero_sums();                                                                                                   \
        for (int64_t k = 0; k < steps; k++, x += LINE, x2 += LINE, w += STEP_BYTES) {                                  \
            _tile_loadd(4, x, (size_t)x_bytes);                                                                        \
            fetch_part(ahead);                                                                                         \
            _tile_loadd(6, w, WEIGHT_STRIDE);                                                                          \
            fetch_part(ahead);                                                                                         \
            instruction(0, 4, 6);                                                                                      \
            fetch_part(ahead);                                                                                         \
            _tile_loadd(7, w + LINE, WEIGHT_STRIDE);                                                                   \
            fetch_part(ahead);                                                                                         \
            instruction(1, 4, 7);                                                                                      \
            fetch_part(ahead);                                                                                         \
            _tile_loadd(5, x2, (size_t)x_bytes);                                                                       \
            fetch_part(ahead);                                                                                         \
            instruction(2, 5, 6);                                                                                      \
            fetch_part(ahead);                                                                                         \
            instruction(3, 5, 7);                                                                                      \
            fetch_part(ahead);                                                                                         \
        }                                                                                                              \
        store_sums(out);                                                                                               \
    }
TILE_PRODUCTS(i8, _tile_dpbssd)
TILE_PRODUCTS(bf16, _tile_dpbf16ps)

/* Sums of 16 rows, of which those of `mask` exist, for `tokens` tokens, as outputs. */
LOCI_INLINE void put(const loci_matmul_job *job, bool bytes, int32_t token, int tokens, int32_t row, __mmask16 mask,
                     const int32_t (*sums)[TILE]) {
    float *out = job->out + token * job->out_stride + row;
    __m512 scales = bytes ? _mm512_maskz_loadu_ps(mask, job->scales + row) : _mm512_setzero_ps();
    for (int t = 0; t < tokens; t++, out += job->out_stride) {
        __m512 values;
        if (bytes) {
            __m512 scale = _mm512_mul_ps(_mm512_set1_ps(job->x_scales[token + t]), scales);
            values = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_load_si512(sums[t])), scale);
        } else {
            values = _mm512_castsi512_ps(_mm512_load_si512(sums[t]));
        }
        if (job->add) {
            values = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, out), values);
        }
        _mm512_mask_storeu_ps(out, mask, values);
    }
}

/* `tile` 16 rows of a panel that begins at `row`, as far as it exists. */
LOCI_INLINE __mmask16 rows_mask(int rows, int tile) {
    int left = rows - tile * TILE;
    return left >= TILE ? 0xffff : left > 0 ? (__mmask16)((1u << left) - 1) : 0;
}

LOCI_INLINE void multiply_single(const loci_matmul_job *job, bool bytes, const uint8_t *panel, int64_t steps,
                                 int32_t row, int rows, int32_t token, int tokens, fetches *ahead) {
    int64_t x_bytes = job->x_stride * (bytes ? 1 : 2);
    const uint8_t *x = (const uint8_t *)job->x + token * x_bytes;
    tile_sums found;
    if (bytes) {
        single_i8(x, x_bytes, panel, steps, ahead, &found);
    } else {
        single_bf16(x, x_bytes, panel, steps, ahead, &found);
    }
    for (int tile = 0; tile * TILE < rows; tile++) {
        put(job, bytes, token, tokens, row + tile * TILE, rows_mask(rows, tile), found.sums[tile]);
    }
}

LOCI_INLINE void multiply_double(const loci_matmul_job *job, bool bytes, const uint8_t *panel, int64_t steps,
                                 int32_t row, int rows, int32_t token, int tokens, fetches *ahead) {
    int64_t x_bytes = job->x_stride * (bytes ? 1 : 2);
    const uint8_t *x = (const uint8_t *)job->x + token * x_bytes;
    for (int half = 0; half < 2; half++) {
        tile_sums found;
        if (bytes) {
            double_i8(x, x_bytes, panel + half * 2 * LINE, steps, ahead, &found);
        } else {
            double_bf16(x, x_bytes, panel + half * 2 * LINE, steps, ahead, &found);
        }
        for (int tile = half * 2; tile < half * 2 + 2 && tile * TILE < rows; tile++) {
            __mmask16 mask = rows_mask(rows, tile);
            put(job, bytes, token, TILE, row + tile * TILE, mask, found.sums[tile % 2]);
            put(job, bytes, token + TILE, tokens - TILE, row + tile * TILE, mask, found.sums[2 + tile % 2]);
        }
    }
}

LOCI_INLINE void multiply(const loci_matmul_job *job, bool bytes, int32_t first, int32_t end) {
    int64_t steps = (bytes ? loci_panel_columns_i8(job->columns) : loci_panel_columns_bf16(job->columns) * 2) / LINE;
    int32_t rest = job->tokens % BLOCK;
    int32_t passes = job->tokens / BLOCK * 2 + (rest > TILE ? 2 : rest > 0 ? 1 : 0);
    int32_t configured = 0; /* tokens */
    fetches ahead = {.share = loci_round_up((STEP_BYTES / PARTS + passes - 1) / passes, LINE)};
    for (int32_t row = first; row < end; row += LOCI_PANEL_ROWS) {
        const uint8_t *panel = job->weights + row / LOCI_PANEL_ROWS * (steps * STEP_BYTES);
        int rows = end - row < LOCI_PANEL_ROWS ? end - row : LOCI_PANEL_ROWS;
        ahead.next = panel_after(job, row, end, steps * STEP_BYTES);
        ahead.end = ahead.next == NULL ? NULL : ahead.next + steps * STEP_BYTES;
        for (int32_t token = 0; token < job->tokens; token += BLOCK) {
            int tokens = job->tokens - token < BLOCK ? job->tokens - token : BLOCK;
            if (tokens != configured && tokens > TILE) {
                configure_double(tokens - TILE);
            } else if (tokens != configured) {
                configure_single(tokens);
            }
            configured = tokens;
            if (tokens > TILE) {
                multiply_double(job, bytes, panel, steps, row, rows, token, tokens, &ahead);
            } else {
                multiply_single(job, bytes, panel, steps, row, rows, token, tokens, &ahead);
            }
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
