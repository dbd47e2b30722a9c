/* Tiles of dot products in f32. An output's sum is one accumulator of LANES lanes over ascending columns, then the tree
 * of vf_sum4: the same whatever tile it is computed in. */
#ifndef LOCI_INNER_DOT_H
#define LOCI_INNER_DOT_H

#define LOCI_INLINE static inline __attribute__((always_inline))

/* Elements [column, column + LANES) of a row; _part: the last `count` of them. */
LOCI_INLINE vf load_elements(const uint8_t *row, int64_t column, int type) {
    switch (type) {
    case LOCI_F32:
        return vf_load((const float *)(const void *)(row + 4 * column));
    case LOCI_BF16:
        return vf_load_bf16(row + 2 * column);
    case LOCI_F16:
        return vf_load_f16(row + 2 * column);
    default:
        return vf_load_i8(row + column);
    }
}

LOCI_INLINE vf load_elements_part(const uint8_t *row, int64_t column, int count, int type) {
    switch (type) {
    case LOCI_F32:
        return vf_load_part((const float *)(const void *)(row + 4 * column), count);
    case LOCI_BF16:
        return vf_load_bf16_part(row + 2 * column, count);
    case LOCI_F16:
        return vf_load_f16_part(row + 2 * column, count);
    default:
        return vf_load_i8_part(row + column, count);
    }
}

/* sums[t][r] = <rows[r], x[t]> for `height` (4 or 8) rows and `tokens` vectors. */
LOCI_INLINE void dot_tile(int height, int tokens, int type, const uint8_t *const *rows, const float *const *x,
                          int64_t columns, float (*sums)[8]) {
    vf total[TILE_TOKENS][8];
#pragma GCC unroll 8
    for (int t = 0; t < tokens; t++) {
#pragma GCC unroll 8
        for (int r = 0; r < height; r++) {
            total[t][r] = vf_zero();
        }
    }
    int64_t column = 0;
    for (; column + LANES <= columns; column += LANES) {
        vf w[8];
#pragma GCC unroll 8
        for (int r = 0; r < height; r++) {
            w[r] = load_elements(rows[r], column, type);
        }
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) {
            vf v = vf_load(x[t] + column);
#pragma GCC unroll 8
            for (int r = 0; r < height; r++) {
                total[t][r] = vf_fma(w[r], v, total[t][r]);
            }
        }
    }
    int rest = (int)(columns - column);
    if (rest > 0) {
        vf w[8];
#pragma GCC unroll 8
        for (int r = 0; r < height; r++) {
            w[r] = load_elements_part(rows[r], column, rest, type);
        }
#pragma GCC unroll 8
        for (int t = 0; t < tokens; t++) {
            vf v = vf_load_part(x[t] + column, rest);
#pragma GCC unroll 8
            for (int r = 0; r < height; r++) {
                total[t][r] = vf_fma(w[r], v, total[t][r]);
            }
        }
    }
#pragma GCC unroll 8
    for (int t = 0; t < tokens; t++) {
#pragma GCC unroll 2
        for (int r = 0; r < height; r += 4) {
            vf_sum4(total[t][r], total[t][r + 1], total[t][r + 2], total[t][r + 3], sums[t] + r);
        }
    }
}

#endif
