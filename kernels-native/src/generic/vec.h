/* Vectors for any CPU: four lanes of the compiler's own. Every vec.h offers the names of this one. */
#ifndef LOCI_VEC_H
#define LOCI_VEC_H

#include "../numbers.h"

enum { LANES = 4, TILE_TOKENS = 2, POOL_VECTORS = 4 };

typedef float vf __attribute__((vector_size(16)));

static inline vf vf_set1(float value) { return (vf){value, value, value, value}; }
static inline vf vf_zero(void) { return vf_set1(0); }

static inline vf vf_load(const float *from) {
    vf v;
    memcpy(&v, from, sizeof v);
    return v;
}

static inline void vf_store(float *to, vf v) { memcpy(to, &v, sizeof v); }
static inline void vf_store_part(float *to, vf v, int count) { memcpy(to, &v, (size_t)count * sizeof *to); }
static inline vf vf_fma(vf a, vf b, vf c) { return a * b + c; }

static inline vf vf_max(vf a, vf b) {
    vf v;
    for (int i = 0; i < LANES; i++) {
        v[i] = a[i] > b[i] ? a[i] : b[i];
    }
    return v;
}

/* w where v is at least floor, elsewhere 0 */
static inline vf vf_keep(vf v, vf floor, vf w) {
    for (int i = 0; i < LANES; i++) {
        w[i] = v[i] >= floor[i] ? w[i] : 0;
    }
    return w;
}

/* Sums of lanes in double precision. */
typedef struct {
    double lanes[LANES];
} vd;

static inline vd vd_zero(void) { return (vd){{0}}; }
static inline vd vd_add(vd sum, vf v) {
    for (int i = 0; i < LANES; i++) {
        sum.lanes[i] += (double)v[i];
    }
    return sum;
}
static inline double vd_sum(vd v) { return (v.lanes[0] + v.lanes[2]) + (v.lanes[1] + v.lanes[3]); }

static inline float vf_sum(vf v) { return (v[0] + v[2]) + (v[1] + v[3]); }
static inline float vf_top(vf v) { return fmaxf(fmaxf(v[0], v[2]), fmaxf(v[1], v[3])); }

static inline void vf_sum4(vf a, vf b, vf c, vf d, float *to) {
    to[0] = vf_sum(a);
    to[1] = vf_sum(b);
    to[2] = vf_sum(c);
    to[3] = vf_sum(d);
}

static inline vf vf_load_part(const float *from, int count) {
    float all[LANES] = {0};
    memcpy(all, from, (size_t)count * sizeof *from);
    return vf_load(all);
}

static inline vf vf_load_bf16_part(const uint8_t *from, int count) {
    vf v = vf_zero();
    for (int i = 0; i < count; i++) {
        v[i] = loci_from_bf16(loci_read_u16(from + 2 * i));
    }
    return v;
}

/* Elements 2i and 2i + 1 of LANES pairs. */
static inline void vf_load_bf16_pairs(const uint8_t *from, vf *even, vf *odd) {
    for (int i = 0; i < LANES; i++) {
        (*even)[i] = loci_from_bf16(loci_read_u16(from + 4 * i));
        (*odd)[i] = loci_from_bf16(loci_read_u16(from + 4 * i + 2));
    }
}

static inline vf vf_load_f16_part(const uint8_t *from, int count) {
    vf v = vf_zero();
    for (int i = 0; i < count; i++) {
        v[i] = loci_from_f16(loci_read_u16(from + 2 * i));
    }
    return v;
}

static inline vf vf_load_i8_part(const uint8_t *from, int count) {
    vf v = vf_zero();
    for (int i = 0; i < count; i++) {
        v[i] = (float)(int8_t)from[i];
    }
    return v;
}

static inline vf vf_load_low4_part(const uint8_t *from, int count) {
    vf v = vf_zero();
    for (int i = 0; i < count; i++) {
        v[i] = (float)((from[i] & 15) - 8);
    }
    return v;
}

static inline vf vf_load_high4_part(const uint8_t *from, int count) {
    vf v = vf_zero();
    for (int i = 0; i < count; i++) {
        v[i] = (float)((from[i] >> 4) - 8);
    }
    return v;
}

static inline vf vf_load_bf16(const uint8_t *from) { return vf_load_bf16_part(from, LANES); }
static inline vf vf_load_f16(const uint8_t *from) { return vf_load_f16_part(from, LANES); }
static inline vf vf_load_i8(const uint8_t *from) { return vf_load_i8_part(from, LANES); }
static inline vf vf_load_low4(const uint8_t *from) { return vf_load_low4_part(from, LANES); }
static inline vf vf_load_high4(const uint8_t *from) { return vf_load_high4_part(from, LANES); }

static inline void vf_store_f16_part(uint8_t *to, vf v, int count) {
    for (int i = 0; i < count; i++) {
        uint16_t half = loci_to_f16(v[i]);
        memcpy(to + 2 * i, &half, sizeof half);
    }
}

static inline vf vf_exp(vf v) {
    for (int i = 0; i < LANES; i++) {
        v[i] = expf(v[i]);
    }
    return v;
}

/* Exact products of int8: VI_COLUMNS columns a step, x widened to i16. */
enum { VI_COLUMNS = 16, VI_WIDE = 1 };
typedef int16_t vi_x;

typedef int32_t vi __attribute__((vector_size(16)));
typedef struct {
    const int8_t *at;
    int count;
} vi_w;

static inline vi vi_zero(void) { return (vi){0, 0, 0, 0}; }
static inline vi_w vi_load_w(const uint8_t *from) { return (vi_w){(const int8_t *)from, VI_COLUMNS}; }
static inline vi_w vi_load_w_part(const uint8_t *from, int count) { return (vi_w){(const int8_t *)from, count}; }

static inline vi vi_dot(vi sum, vi_w w, const vi_x *x) {
    int32_t total = 0;
    for (int i = 0; i < w.count; i++) {
        total += w.at[i] * x[i];
    }
    sum[0] += total;
    return sum;
}

static inline void vi_sum4(vi a, vi b, vi c, vi d, int32_t *to) {
    to[0] = a[0];
    to[1] = b[0];
    to[2] = c[0];
    to[3] = d[0];
}

/* What the sum holds too much of, times the sum of x. */
enum { VI_EXCESS = 0 };

/* The same of panels: a vector holds VP_ROWS rows, a step is 4 columns; tiles are VP_VECTORS vectors by up to VP_TOKENS
 * tokens. */
#define LOCI_VP_TOKENS 2
enum { VP_ROWS = 4, VP_VECTORS = 2, VP_TOKENS = LOCI_VP_TOKENS };
typedef const int8_t *vp_w;
typedef const vi_x *vp_x;

static inline vp_w vp_load_w(const uint8_t *from) { return (const int8_t *)from; }
static inline vp_x vp_load_x(const vi_x *from) { return from; }
static inline vi vp_dot(vi sum, vp_w w, vp_x x) {
    for (int r = 0; r < VP_ROWS; r++) {
        sum[r] += w[4 * r] * x[0] + w[4 * r + 1] * x[1] + w[4 * r + 2] * x[2] + w[4 * r + 3] * x[3];
    }
    return sum;
}
static inline void vp_sums(vi sum, int32_t *to) { memcpy(to, &sum, sizeof sum); }

#endif
