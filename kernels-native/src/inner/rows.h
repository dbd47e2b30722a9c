/* Work on single rows: embedding, norms, SwiGLU, rotation, rounding into the cache. */
#include "dot.h"

static void embed(const loci_matrix *table, int32_t row, float *out) {
    int32_t columns = table->columns;
    if (table->type == LOCI_F32) {
        memcpy(out, (const float *)table->data.data + (int64_t)row * columns, (size_t)columns * sizeof *out);
    } else if (table->type == LOCI_BF16) {
        const uint8_t *from = (const uint8_t *)table->data.data + (int64_t)row * columns * 2;
        for (int32_t i = 0; i < columns; i++) {
            out[i] = loci_from_bf16(loci_read_u16(from + 2 * i));
        }
    } else {
        const int8_t *from = (const int8_t *)table->data.data + (int64_t)row * columns;
        float scale = ((const float *)table->scales.data)[row];
        for (int32_t i = 0; i < columns; i++) {
            out[i] = scale * (float)from[i];
        }
    }
}

/* Sum of (x - mean)^2, or of x where `squares` is false; four accumulators, then a tree. */
LOCI_INLINE float row_sum(const float *x, int32_t dim, float mean, bool squares) {
    vf total[4] = {vf_zero(), vf_zero(), vf_zero(), vf_zero()};
    int32_t i = 0, k = 0;
    for (; i + 4 * LANES <= dim; i += 4 * LANES) {
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
            vf v = vf_load(x + i + j * LANES) - vf_set1(mean);
            total[j] = vf_fma(v, squares ? v : vf_set1(1.0f), total[j]); /* v * 1 + total is v + total */
        }
    }
    vf rest = vf_zero();
    for (; i < dim; i += LANES, k++) {
        int count = dim - i < LANES ? dim - i : LANES;
        float centred[LANES] = {0};
        for (int j = 0; j < count; j++) {
            centred[j] = x[i + j] - mean;
        }
        vf v = vf_load(centred);
        rest = vf_fma(v, squares ? v : vf_set1(1.0f), rest);
    }
    float sums[4], behind = vf_sum(rest);
    vf_sum4(total[0], total[1], total[2], total[3], sums);
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + behind;
}

/* (v - mean) * scale, times the weight where there is one; x may be out, for which the compiler would not make vectors.
 */
LOCI_INLINE vf normed(vf v, float mean, float scale, const float *weight, int count) {
    v = (v - vf_set1(mean)) * vf_set1(scale);
    if (weight == NULL) {
        return v;
    }
    if (count == LANES) {
        return v * vf_load(weight);
    }
    return v * vf_load_part(weight, count);
}

static void norm(const float *x, const float *weight, float *out, int32_t dim, int32_t kind, float eps) {
    float mean = kind == LOCI_NORM_LAYER ? row_sum(x, dim, 0, false) / (float)dim : 0;
    float scale = 1.0f / sqrtf(row_sum(x, dim, mean, true) / (float)dim + eps);
    int32_t i = 0;
    for (; i + LANES <= dim; i += LANES) {
        vf_store(out + i, normed(vf_load(x + i), mean, scale, weight == NULL ? NULL : weight + i, LANES));
    }
    if (i < dim) {
        vf rest = vf_load_part(x + i, dim - i);
        vf_store_part(out + i, normed(rest, mean, scale, weight == NULL ? NULL : weight + i, dim - i), dim - i);
    }
}

static void swiglu(const float *first, const float *second, float *out, int32_t count) {
    vf one = vf_set1(1.0f);
    int32_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vf z = vf_load(second + i);
        vf_store(out + i, z / (one + vf_exp(-z)) * vf_load(first + i));
    }
    if (i < count) {
        vf z = vf_load_part(second + i, count - i);
        vf_store_part(out + i, z / (one + vf_exp(-z)) * vf_load_part(first + i, count - i), count - i);
    }
}

static void clip_row(float *x, int32_t count, float clip) {
    for (int32_t i = 0; i < count; i++) { /* comparisons in this order leave a NaN */
        float v = x[i] > clip ? clip : x[i];
        x[i] = v < -clip ? -clip : v;
    }
}

static void rotate(const float *x, const float *cos_sin, float *out, int32_t half) {
    const float *cosines = cos_sin, *sines = cos_sin + half;
    for (int32_t i = 0; i < half; i++) {
        float a = x[i], b = x[i + half];
        out[i] = a * cosines[i] - b * sines[i];
        out[i + half] = b * cosines[i] + a * sines[i];
    }
}

static void kv_store(const float *x, void *row, int32_t dim, int32_t type) {
    uint8_t *to = row;
    if (type == LOCI_F32) {
        memcpy(to, x, (size_t)dim * sizeof *x);
    } else if (type == LOCI_BF16) {
        for (int32_t i = 0; i < dim; i++) {
            uint16_t half = loci_to_bf16(x[i]);
            memcpy(to + 2 * i, &half, sizeof half);
        }
    } else if (type == LOCI_F16) {
        for (int32_t i = 0; i < dim; i += LANES) {
            int count = dim - i < LANES ? dim - i : LANES;
            vf_store_f16_part(to + 2 * i, vf_load_part(x + i, count), count);
        }
    } else {
        float factor, scale = loci_i8_scale(loci_max_magnitude(x, dim), &factor);
        for (int32_t i = 0; i < dim; i++) {
            int32_t value = factor == 0 ? 0 : loci_i8_value(x[i], factor);
            to[i] = (uint8_t)(int8_t)value;
        }
        memcpy(to + dim, &scale, sizeof scale);
    }
}
