#include "panels.h"

enum { VP_TILE = VP_VECTORS * VP_ROWS, VP_PANEL_BYTES = LOCI_PANEL_ROWS * 4 };
_Static_assert(LOCI_PANEL_ROWS % VP_TILE == 0, "tiles fill a panel");

/* VP_TILE rows of a panel for `tokens` tokens. Meanwhile, `share` bytes a step of what is at `ahead` are fetched, and
 * a line a step of what was foreseen. */
LOCI_INLINE void panel_i8_tile(const loci_matmul_job *job, const uint8_t *panel, int tokens, int32_t row, int rows,
                               int32_t token, const uint8_t *ahead, int64_t share) {
    vi total[VP_TOKENS][VP_VECTORS];
    const vi_x *x = (const vi_x *)job->x + token * job->x_stride;
#pragma GCC unroll 8
    for (int t = 0; t < tokens; t++) {
        panel_claim(job, token + t, row, rows);
#pragma GCC unroll 4
        for (int k = 0; k < VP_VECTORS; k++) {
            total[t][k] = vi_zero();
        }
    }
    int64_t steps = (job->columns + 3) / 4;
    const uint8_t *fetched = ahead;
    loci_piece piece = loci_foreseen_take(job->foreseen);
    for (int64_t step = 0; step < steps; step++) {
        vp_w w[VP_VECTORS];
        for (ahead += share; fetched < ahead; fetched += 64) {
            __builtin_prefetch(fetched, 0, 2);
        }
        if (piece.from < piece.end) {
            __builtin_prefetch(piece.from, 0, 2);
            piece.from += 64;
        }
#pragma GCC unroll 4
        for (int k = 0; k < VP_VECTORS; k++) {
            w[k] = vp_load_w(panel + step * VP_PANEL_BYTES + k * VP_ROWS * 4);
        }
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) {
            vp_x v = vp_load_x(x + t * job->x_stride + step * 4);
#pragma GCC unroll 4
            for (int k = 0; k < VP_VECTORS; k++) {
                total[t][k] = vp_dot(total[t][k], w[k], v);
            }
        }
    }
#pragma GCC unroll 8
    for (int t = 0; t < tokens; t++) {
        int32_t sums[VP_TILE];
#pragma GCC unroll 4
        for (int k = 0; k < VP_VECTORS; k++) {
            vp_sums(total[t][k], sums + k * VP_ROWS);
        }
        uint32_t excess = (uint32_t)VI_EXCESS * (uint32_t)job->x_sums[token + t];
        if (rows == VP_TILE) { /* a count that the compiler knows */
            panel_put_i8(job, token + t, row, VP_TILE, sums, excess);
        } else {
            panel_put_i8(job, token + t, row, rows, sums, excess);
        }
    }
}

LOCI_INLINE void panel_i8_tokens(const loci_matmul_job *job, int tokens, int32_t first, int32_t end, int32_t token,
                                 const uint8_t *ahead, int64_t share) {
    int64_t panel_bytes = loci_panel_columns_i8(job->columns) * LOCI_PANEL_ROWS;
    const uint8_t *panel = job->weights + first / LOCI_PANEL_ROWS * panel_bytes;
    for (int32_t row = first, lane = 0; row < end; row += VP_TILE, lane += VP_TILE) {
        int32_t left = end - row;
        panel_i8_tile(job, panel + lane * 4, tokens, row, left < VP_TILE ? left : VP_TILE, token, ahead,
                      lane == 0 ? share : 0);
    }
}

/* The tiles of tokens fetch the next panel, each an even part of it: neither does one wait for memory, nor does memory
 * idle during another. */
static void panels_i8(const loci_matmul_job *job, int32_t first, int32_t end) {
    int32_t tiles = (job->tokens + VP_TOKENS - 1) / VP_TOKENS;
    int64_t steps = (job->columns + 3) / 4;
    for (int32_t panel = first; panel < end; panel += LOCI_PANEL_ROWS) {
        int32_t stop = end - panel < LOCI_PANEL_ROWS ? end : panel + LOCI_PANEL_ROWS, token = 0;
        const uint8_t *after = panel_after(job, panel, end, loci_panel_columns_i8(job->columns) * LOCI_PANEL_ROWS);
        int64_t share = after == NULL ? 0 : (VP_PANEL_BYTES + tiles - 1) / tiles;
        for (int32_t tile = 0; tile < tiles; tile++) { /* of sizes as equal as can be */
            int32_t count = (job->tokens - token + tiles - tile - 1) / (tiles - tile);
            const uint8_t *ahead = after == NULL ? NULL : after + tile * share * steps;
            switch (count) {
            case 1:
                panel_i8_tokens(job, 1, panel, stop, token, ahead, share);
                break;
#if LOCI_VP_TOKENS > 2
            case 3:
                panel_i8_tokens(job, 3, panel, stop, token, ahead, share);
                break;
            case 4:
                panel_i8_tokens(job, 4, panel, stop, token, ahead, share);
                break;
            case 5:
                panel_i8_tokens(job, 5, panel, stop, token, ahead, share);
                break;
            case 6:
                panel_i8_tokens(job, 6, panel, stop, token, ahead, share);
                break;
#endif
            default:
                panel_i8_tokens(job, 2, panel, stop, token, ahead, share);
            }
            token += count;
        }
    }
}
