/* Products of a matrix with f32 activations. */
#include "dot.h"

LOCI_INLINE void matmul_tile(const loci_matmul_job *job, int type, int height, int tokens, int32_t first_row,
                             int32_t rows, int32_t token) {
    const uint8_t *row[8];
    const float *x[TILE_TOKENS];
    float sums[TILE_TOKENS][8];
    int64_t stride = (int64_t)job->columns * (type == LOCI_F32 ? 4 : type == LOCI_BF16 ? 2 : 1);
    for (int r = 0; r < height; r++) { /* beyond the end: the last row again, its sum unused */
        row[r] = job->weights + (first_row + (r < rows ? r : rows - 1)) * stride;
    }
    for (int t = 0; t < tokens; t++) {
        x[t] = (const float *)job->x + (token + t) * job->x_stride;
    }
    dot_tile(height, tokens, type, row, x, job->columns, sums);
    for (int t = 0; t < tokens; t++) {
        float *out = job->out + (token + t) * job->out_stride + first_row;
        for (int r = 0; r < rows; r++) {
            float value = type == LOCI_I8 ? job->scales[first_row + r] * sums[t][r] : sums[t][r];
            out[r] = job->add ? out[r] + value : value;
        }
    }
}

LOCI_INLINE void matmul_rows(const loci_matmul_job *job, int type, int32_t first, int32_t end) {
    int32_t token = 0;
    for (; token + TILE_TOKENS <= job->tokens; token += TILE_TOKENS) {
        for (int32_t row = first; row < end; row += 4) {
            matmul_tile(job, type, 4, TILE_TOKENS, row, end - row < 4 ? end - row : 4, token);
        }
    }
    if (TILE_TOKENS > 2 && token + 2 <= job->tokens) {
        for (int32_t row = first; row < end; row += 4) {
            matmul_tile(job, type, 4, 2, row, end - row < 4 ? end - row : 4, token);
        }
        token += 2;
    }
    if (token < job->tokens) {
        for (int32_t row = first; row < end; row += 8) {
            matmul_tile(job, type, 8, 1, row, end - row < 8 ? end - row : 8, token);
        }
    }
}

static void matmul_f32(const loci_matmul_job *job, int32_t first, int32_t end) {
    matmul_rows(job, LOCI_F32, first, end);
}

static void matmul_bf16(const loci_matmul_job *job, int32_t first, int32_t end) {
    matmul_rows(job, LOCI_BF16, first, end);
}

static void matmul_i8(const loci_matmul_job *job, int32_t first, int32_t end) { matmul_rows(job, LOCI_I8, first, end); }
