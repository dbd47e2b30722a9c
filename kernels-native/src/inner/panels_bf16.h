#include "panels.h"

enum { VB_VECTORS = LANES == 16 ? 4 : 2, VB_TOKENS = LANES == 16 ? 4 : 2, VB_TILE = VB_VECTORS * LANES };

/* VB_TILE rows of a panel for `tokens` tokens: column by column, each one fused multiplication and addition. */
LOCI_INLINE void panel_bf16_tile(const loci_matmul_job *job, const uint8_t *panel, int tokens, int32_t row, int rows,
                                 int32_t token) {
    vf total[VB_TOKENS][VB_VECTORS];
    const float *x = (const float *)job->x + token * job->x_stride;
#pragma GCC unroll 4
    for (int t = 0; t < tokens; t++) {
#pragma GCC unroll 4
        for (int k = 0; k < VB_VECTORS; k++) {
            total[t][k] = vf_zero();
        }
    }
    int64_t steps = (job->columns + 1) / 2;
    for (int64_t step = 0; step < steps; step++) {
        vf even[VB_VECTORS], odd[VB_VECTORS];
#pragma GCC unroll 4
        for (int k = 0; k < VB_VECTORS; k++) {
            vf_load_bf16_pairs(panel + step * LOCI_PANEL_ROWS * 4 + k * LANES * 4, even + k, odd + k);
        }
#pragma GCC unroll 4
        for (int t = 0; t < tokens; t++) {
            vf first = vf_set1(x[t * job->x_stride + 2 * step]), second = vf_set1(x[t * job->x_stride + 2 * step + 1]);
#pragma GCC unroll 4
            for (int k = 0; k < VB_VECTORS; k++) {
                total[t][k] = vf_fma(odd[k], second, vf_fma(even[k], first, total[t][k]));
            }
        }
    }
#pragma GCC unroll 4
    for (int t = 0; t < tokens; t++) {
        float values[VB_TILE];
#pragma GCC unroll 4
        for (int k = 0; k < VB_VECTORS; k++) {
            vf_store(values + k * LANES, total[t][k]);
        }
        panel_put(job, token + t, row, rows, values);
    }
}

LOCI_INLINE void panel_bf16_tokens(const loci_matmul_job *job, int tokens, int32_t first, int32_t end, int32_t token) {
    int64_t panel_bytes = loci_panel_columns_bf16(job->columns) * 2 * LOCI_PANEL_ROWS;
    const uint8_t *panel = job->weights + first / LOCI_PANEL_ROWS * panel_bytes;
    for (int32_t row = first, lane = 0; row < end; row += VB_TILE, lane += VB_TILE) {
        int32_t left = end - row;
        panel_bf16_tile(job, panel + lane * 4, tokens, row, left < VB_TILE ? left : VB_TILE, token);
    }
}

static void panels_bf16(const loci_matmul_job *job, int32_t first, int32_t end) {
    for (int32_t panel = first; panel < end; panel += LOCI_PANEL_ROWS) {
        int32_t stop = end - panel < LOCI_PANEL_ROWS ? end : panel + LOCI_PANEL_ROWS, token = 0;
        for (; token + VB_TOKENS <= job->tokens; token += VB_TOKENS) {
            panel_bf16_tokens(job, VB_TOKENS, panel, stop, token);
        }
        for (; token < job->tokens; token++) {
            panel_bf16_tokens(job, 1, panel, stop, token);
        }
    }
}
