#include "vec.h"

#include "../internal.h"

#include "../inner/panels.h"

enum { TOKENS = 6, VECTORS = 4, LANE_BYTES = 64 };

/* A panel's rows for `tokens` tokens: step by step, each one vdpbf16ps, which adds the odd column and then the even.
 * Meanwhile, `share` bytes a step of what is at `ahead` are fetched, and a line a step of what was foreseen. */
LOCI_INLINE void panel_tile(const loci_matmul_job *job, const uint8_t *panel, int tokens, int32_t row, int rows,
                            int32_t token, const uint8_t *ahead, int64_t share) {
    vf total[TOKENS][VECTORS];
    const uint16_t *x = (const uint16_t *)job->x + token * job->x_stride;
#pragma GCC unroll 8
    for (int t = 0; t < tokens; t++) {
#pragma GCC unroll 4
        for (int k = 0; k < VECTORS; k++) {
            total[t][k] = vf_zero();
        }
    }
    int64_t steps = (job->columns + 1) / 2;
    const uint8_t *fetched = ahead;
    loci_piece piece = loci_foreseen_take(job->foreseen);
    for (int64_t step = 0; step < steps; step++) {
        for (ahead += share; fetched < ahead; fetched += LANE_BYTES) {
            __builtin_prefetch(fetched, 0, 2);
        }
        if (piece.from < piece.end) {
            __builtin_prefetch(piece.from, 0, 2);
            piece.from += 64;
        }
        __m512i w[VECTORS];
#pragma GCC unroll 4
        for (int k = 0; k < VECTORS; k++) {
            w[k] = _mm512_loadu_si512(panel + (step * VECTORS + k) * LANE_BYTES);
        }
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) {
            int32_t pair;
            memcpy(&pair, x + t * job->x_stride + 2 * step, sizeof pair);
            __m512i v = _mm512_set1_epi32(pair);
#pragma GCC unroll 4
            for (int k = 0; k < VECTORS; k++) {
                total[t][k] = _mm512_dpbf16_ps(total[t][k], (__m512bh)w[k], (__m512bh)v);
            }
        }
    }
#pragma GCC unroll 8
    for (int t = 0; t < tokens; t++) {
        float values[LOCI_PANEL_ROWS];
#pragma GCC unroll 4
        for (int k = 0; k < VECTORS; k++) {
            vf_store(values + k * LANES, total[t][k]);
        }
        if (rows == LOCI_PANEL_ROWS) { /* a count that the compiler knows */
            panel_put(job, token + t, row, LOCI_PANEL_ROWS, values);
        } else {
            panel_put(job, token + t, row, rows, values);
        }
    }
}

static void panels_bf16_bf16(const loci_matmul_job *job, int32_t first, int32_t end) {
    int64_t panel_bytes = loci_panel_columns_bf16(job->columns) * 2 * LOCI_PANEL_ROWS;
    int64_t steps = (job->columns + 1) / 2;
    int32_t tiles = (job->tokens + TOKENS - 1) / TOKENS;
    for (int32_t row = first; row < end; row += LOCI_PANEL_ROWS) {
        const uint8_t *panel = job->weights + row / LOCI_PANEL_ROWS * panel_bytes;
        int rows = end - row < LOCI_PANEL_ROWS ? end - row : LOCI_PANEL_ROWS;
        const uint8_t *after = panel_after(job, row, end, panel_bytes);
        int64_t share = after == NULL ? 0 : (VECTORS * LANE_BYTES + tiles - 1) / tiles;
        for (int32_t tile = 0, token = 0; tile < tiles; tile++) { /* of sizes as equal as can be */
            int32_t count = (job->tokens - token + tiles - tile - 1) / (tiles - tile);
            const uint8_t *ahead = after == NULL ? NULL : after + tile * share * steps;
            switch (count) {
            case 1:
                panel_tile(job, panel, 1, row, rows, token, ahead, share);
                break;
            case 2:
                panel_tile(job, panel, 2, row, rows, token, ahead, share);
                break;
            case 3:
                panel_tile(job, panel, 3, row, rows, token, ahead, share);
                break;
            case 4:
                panel_tile(job, panel, 4, row, rows, token, ahead, share);
                break;
            case 5:
                panel_tile(job, panel, 5, row, rows, token, ahead, share);
                break;
            default:
                panel_tile(job, panel, TOKENS, row, rows, token, ahead, share);
            }
            token += count;
        }
    }
}

void loci_kernels_avx512_bf16(loci_kernels *table) { table->panels_bf16_bf16 = panels_bf16_bf16; }
