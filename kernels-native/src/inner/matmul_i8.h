/* Products of an int8 matrix with quantised activations: exact sums, so every ISA gives the same bits. */
#ifndef LOCI_INLINE
#define LOCI_INLINE static inline __attribute__((always_inline))
#endif

static void quantise(const float *x, int32_t count, int64_t padded, void *q, float *scale, int32_t *sum) {
    float factor;
    *scale = loci_i8_scale(loci_max_magnitude(x, count), &factor);
    vi_x *to = q;
    int32_t total = 0;
    if (factor == 0) {
        memset(to, 0, (size_t)padded * sizeof *to);
    } else {
        for (int32_t i = 0; i < count; i++) {
            int32_t value = loci_i8_value(x[i], factor);
            to[i] = (vi_x)value;
            total += value;
        }
        memset(to + count, 0, (size_t)(padded - count) * sizeof *to);
    }
    *sum = total;
}

LOCI_INLINE void matmul_i8_tile(const loci_matmul_job *job, int height, int tokens, int32_t first_row, int32_t rows,
                                int32_t token) {
    const uint8_t *row[8];
    const vi_x *x[TILE_TOKENS];
    vi total[TILE_TOKENS][8];
    for (int r = 0; r < height; r++) {
        row[r] = job->weights + (first_row + (r < rows ? r : rows - 1)) * (int64_t)job->columns;
    }
#pragma GCC unroll 8
    for (int t = 0; t < tokens; t++) {
        x[t] = (const vi_x *)job->x + (token + t) * job->x_stride;
#pragma GCC unroll 8
        for (int r = 0; r < height; r++) {
            total[t][r] = vi_zero();
        }
    }
    int64_t column = 0;
    for (; column + VI_COLUMNS <= job->columns; column += VI_COLUMNS) {
        vi_w w[8];
#pragma GCC unroll 8
        for (int r = 0; r < height; r++) {
            w[r] = vi_load_w(row[r] + column);
        }
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) {
#pragma GCC unroll 8
            for (int r = 0; r < height; r++) {
                total[t][r] = vi_dot(total[t][r], w[r], x[t] + column);
            }
        }
    }
    int rest = (int)(job->columns - column);
    if (rest > 0) {
#pragma GCC unroll 8
        for (int r = 0; r < height; r++) {
            vi_w w = vi_load_w_part(row[r] + column, rest);
#pragma GCC unroll 8
            for (int t = 0; t < tokens; t++) {
                total[t][r] = vi_dot(total[t][r], w, x[t] + column);
            }
        }
    }
#pragma GCC unroll 8
    for (int t = 0; t < tokens; t++) {
        int32_t sums[8];
        vi_sum4(total[t][0], total[t][1], total[t][2], total[t][3], sums);
        if (height == 8) {
            vi_sum4(total[t][4], total[t][5], total[t][6], total[t][7], sums + 4);
        }
        uint32_t excess = (uint32_t)VI_EXCESS * (uint32_t)job->x_sums[token + t];
        float *out = job->out + (token + t) * job->out_stride + first_row;
        for (int r = 0; r < rows; r++) {
            int32_t sum = (int32_t)((uint32_t)sums[r] - excess);
            float value = (float)sum * (job->x_scales[token + t] * job->scales[first_row + r]);
            out[r] = job->add ? out[r] + value : value;
        }
    }
}

static void matmul_i8_i8(const loci_matmul_job *job, int32_t first, int32_t end) {
    int32_t token = 0;
    for (; token + TILE_TOKENS <= job->tokens; token += TILE_TOKENS) {
        for (int32_t row = first; row < end; row += 4) {
            matmul_i8_tile(job, 4, TILE_TOKENS, row, end - row < 4 ? end - row : 4, token);
        }
    }
    if (TILE_TOKENS > 2 && token + 2 <= job->tokens) {
        for (int32_t row = first; row < end; row += 4) {
            matmul_i8_tile(job, 4, 2, row, end - row < 4 ? end - row : 4, token);
        }
        token += 2;
    }
    if (token < job->tokens) {
        for (int32_t row = first; row < end; row += 8) {
            matmul_i8_tile(job, 8, 1, row, end - row < 8 ? end - row : 8, token);
        }
    }
}
