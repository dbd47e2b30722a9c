/* Conversions of single numbers, the same bits on every ISA. */
#ifndef LOCI_NUMBERS_H
#define LOCI_NUMBERS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t loci_bits(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline float loci_float(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* For numbers in buffers that may not be aligned (rows of a table, scales behind them). */
static inline float loci_read_f32(const void *at) {
    float value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint16_t loci_read_u16(const void *at) {
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline float loci_from_bf16(uint16_t half) { return loci_float((uint32_t)half << 16); }

/* Nearest, ties to even; a NaN stays one. */
static inline uint16_t loci_to_bf16(float value) {
    uint32_t bits = loci_bits(value);
    uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    uint32_t quiet = bits >> 16 | 0x40;
    return (uint16_t)((bits & 0x7fffffff) > 0x7f800000 ? quiet : rounded);
}

static inline float loci_from_f16(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    uint32_t magnitude = (uint32_t)(half & 0x7fff) << 13;
    if (magnitude >= 0x7c00u << 13) {
        uint32_t payload = magnitude & 0x7fffff;
        return loci_float(sign | 0x7f800000 | payload | (payload != 0 ? 0x400000 : 0));
    }
    return loci_float(sign | loci_bits(loci_float(magnitude) * 0x1p112f)); /* exact: moves the exponent's bias */
}

/* Nearest, ties to even; a NaN stays one. */
static inline uint16_t loci_to_f16(float value) {
    uint32_t bits = loci_bits(value);
    uint32_t sign = bits >> 16 & 0x8000;
    bits &= 0x7fffffff;
    if (bits > 0x7f800000) {
        return (uint16_t)(sign | 0x7e00 | (bits >> 13 & 0x1ff));
    }
    if (bits >= 0x477ff000) { /* 65520 and above */
        return (uint16_t)(sign | 0x7c00);
    }
    if (bits < 0x38800000) { /* below 2^-14: 0.5f has the spacing of a subnormal f16, so the addition rounds */
        return (uint16_t)(sign | (loci_bits(loci_float(bits) + 0.5f) - 0x3f000000));
    }
    return (uint16_t)(sign | (bits + 0xc8000fffu + (bits >> 13 & 1)) >> 13);
}

/* The greatest |x[i]| as bits: their order as integers is the order of the magnitudes, and a NaN is above infinity. */
static inline uint32_t loci_max_magnitude(const float *x, int32_t count) {
    int32_t top = 0;
    for (int32_t i = 0; i < count; i++) {
        int32_t bits;
        memcpy(&bits, x + i, sizeof bits);
        bits &= 0x7fffffff;
        top = bits > top ? bits : top;
    }
    return (uint32_t)top;
}

/* Scale of a row of int8 and the factor that x is multiplied by before rounding. Rows of zeros, and those too small for
 * the factor to be finite, get zeros; rows with an infinity or a NaN get a NaN as scale, so that it shows. */
static inline float loci_i8_scale(uint32_t max_magnitude, float *factor) {
    float max = loci_float(max_magnitude);
    *factor = 0;
    if (max_magnitude >= 0x7f800000) {
        return loci_float(0x7fc00000);
    }
    if (max < 0x1p-119f) {
        return 0;
    }
    *factor = 127.0f / max;
    return max / 127.0f;
}

/* round(x * factor) with ties to even, for finite x: adding 1.5 * 2^23 leaves no fraction bits. With a factor of 0, 0.
 */
static inline int32_t loci_i8_value(float x, float factor) {
    float shifted = x * factor + 12582912.0f;
    int32_t bits;
    memcpy(&bits, &shifted, sizeof bits);
    return bits - 0x4b400000;
}

#endif
