/* Vectors of eight lanes: AVX2, FMA, F16C. */
#ifndef LOCI_VEC_H
#define LOCI_VEC_H

#include "../numbers.h"
#include <immintrin.h>

enum { LANES = 8, TILE_TOKENS = 2, POOL_VECTORS = 4 };

typedef __m256 vf;

static inline vf vf_set1(float value) { return _mm256_set1_ps(value); }
static inline vf vf_zero(void) { return _mm256_setzero_ps(); }
static inline vf vf_load(const float *from) { return _mm256_loadu_ps(from); }
static inline void vf_store(float *to, vf v) { _mm256_storeu_ps(to, v); }

static inline __m256i vf_mask(int count) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline vf vf_load_part(const float *from, int count) { return _mm256_maskload_ps(from, vf_mask(count)); }
static inline void vf_store_part(float *to, vf v, int count) { _mm256_maskstore_ps(to, vf_mask(count), v); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
static inline vf vf_max(vf a, vf b) { return _mm256_max_ps(a, b); }

/* w where v is at least floor, elsewhere 0 */
static inline vf vf_keep(vf v, vf floor, vf w) { return _mm256_and_ps(w, _mm256_cmp_ps(v, floor, _CMP_GE_OQ)); }

static inline float vf_sum(vf v) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps(two, two, 1)));
}

static inline float vf_top(vf v) {
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_shuffle_ps(two, two, 1)));
}

/* The sum of each vector, every one by the same tree. */
static inline void vf_sum4(vf a, vf b, vf c, vf d, float *to) {
    vf ab = _mm256_add_ps(_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
    vf cd = _mm256_add_ps(_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
    vf all = _mm256_add_ps(_mm256_shuffle_ps(ab, cd, 0x44), _mm256_shuffle_ps(ab, cd, 0xee));
    _mm_storeu_ps(to, _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1)));
}

/* Sums of lanes in double precision. */
typedef struct {
    __m256d low, high;
} vd;

static inline vd vd_zero(void) { return (vd){_mm256_setzero_pd(), _mm256_setzero_pd()}; }
static inline vd vd_add(vd sum, vf v) {
    sum.low = _mm256_add_pd(sum.low, _mm256_cvtps_pd(_mm256_castps256_ps128(v)));
    sum.high = _mm256_add_pd(sum.high, _mm256_cvtps_pd(_mm256_extractf128_ps(v, 1)));
    return sum;
}
static inline double vd_sum(vd v) {
    __m256d four = _mm256_add_pd(v.low, v.high);
    __m128d two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd(four, 1));
    return _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)));
}

static inline vf vf_from_bf16(__m128i halves) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}
static inline vf vf_from_f16(__m128i halves) { return _mm256_cvtph_ps(halves); }
/* Elements 2i and 2i + 1 of LANES pairs. */
static inline void vf_load_bf16_pairs(const uint8_t *from, vf *even, vf *odd) {
    __m256i pairs = _mm256_loadu_si256((const __m256i *)from);
    *even = _mm256_castsi256_ps(_mm256_slli_epi32(pairs, 16));
    *odd = _mm256_castsi256_ps(_mm256_and_si256(pairs, _mm256_set1_epi32((int)0xffff0000)));
}
static inline vf vf_from_i8(__m128i bytes) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)); }
static inline vf vf_from_low4(__m128i bytes) {
    __m128i nibbles = _mm_and_si128(bytes, _mm_set1_epi8(15));
    return vf_from_i8(_mm_sub_epi8(nibbles, _mm_set1_epi8(8)));
}
static inline vf vf_from_high4(__m128i bytes) { return vf_from_low4(_mm_srli_epi16(bytes, 4)); }

static inline __m128i vf_bytes(const uint8_t *from, int count) {
    uint8_t all[16] = {0};
    memcpy(all, from, (size_t)count);
    return _mm_loadu_si128((const __m128i *)all);
}

static inline vf vf_load_bf16(const uint8_t *from) { return vf_from_bf16(_mm_loadu_si128((const __m128i *)from)); }
static inline vf vf_load_f16(const uint8_t *from) { return vf_from_f16(_mm_loadu_si128((const __m128i *)from)); }
static inline vf vf_load_i8(const uint8_t *from) { return vf_from_i8(_mm_loadl_epi64((const __m128i *)from)); }
static inline vf vf_load_low4(const uint8_t *from) { return vf_from_low4(_mm_loadl_epi64((const __m128i *)from)); }
static inline vf vf_load_high4(const uint8_t *from) { return vf_from_high4(_mm_loadl_epi64((const __m128i *)from)); }
static inline vf vf_load_bf16_part(const uint8_t *from, int count) { return vf_from_bf16(vf_bytes(from, 2 * count)); }
static inline vf vf_load_f16_part(const uint8_t *from, int count) { return vf_from_f16(vf_bytes(from, 2 * count)); }
static inline vf vf_load_i8_part(const uint8_t *from, int count) { return vf_from_i8(vf_bytes(from, count)); }
static inline vf vf_load_low4_part(const uint8_t *from, int count) { return vf_from_low4(vf_bytes(from, count)); }
static inline vf vf_load_high4_part(const uint8_t *from, int count) { return vf_from_high4(vf_bytes(from, count)); }

static inline void vf_store_f16_part(uint8_t *to, vf v, int count) {
    uint8_t all[16];
    _mm_storeu_si128((__m128i *)all, _mm256_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
    memcpy(to, all, (size_t)count * 2);
}

/* e^v to about 2 ulp: 2^n * e^r, |r| <= ln(2) / 2, the power in two factors so that the ends of the range come out. */
static inline vf vf_exp(vf v) {
    v = _mm256_min_ps(_mm256_set1_ps(89.0f), _mm256_max_ps(_mm256_set1_ps(-104.0f), v)); /* in this order a NaN stays */
    vf n = _mm256_round_ps(v * vf_set1(0x1.715476p+0f), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    vf r = vf_fma(n, vf_set1(-0x1.62e4p-1f), v);
    r = vf_fma(n, vf_set1(-0x1.7f7d1cp-20f), r);
    vf p = vf_set1(1.9875691500e-4f);
    p = vf_fma(p, r, vf_set1(1.3981999507e-3f));
    p = vf_fma(p, r, vf_set1(8.3334519073e-3f));
    p = vf_fma(p, r, vf_set1(4.1665795894e-2f));
    p = vf_fma(p, r, vf_set1(1.6666665459e-1f));
    p = vf_fma(p, r, vf_set1(5.0000001201e-1f));
    p = vf_fma(p, r * r, r) + vf_set1(1.0f);
    __m256i power = _mm256_cvtps_epi32(n), half = _mm256_srai_epi32(power, 1), bias = _mm256_set1_epi32(127);
    __m256i rest = _mm256_sub_epi32(power, half);
    vf first = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(half, bias), 23));
    vf second = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23));
    return p * first * second;
}

/* Exact products of int8: VI_COLUMNS columns a step, x widened to i16. */
enum { VI_COLUMNS = 16, VI_WIDE = 1 };
typedef int16_t vi_x;
typedef __m256i vi, vi_w;

static inline vi vi_zero(void) { return _mm256_setzero_si256(); }
static inline vi_w vi_load_w(const uint8_t *from) {
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)from));
}
static inline vi_w vi_load_w_part(const uint8_t *from, int count) {
    return _mm256_cvtepi8_epi16(vf_bytes(from, count));
}
static inline vi vi_dot(vi sum, vi_w w, const vi_x *x) {
    return _mm256_add_epi32(sum, _mm256_madd_epi16(w, _mm256_loadu_si256((const __m256i *)x)));
}

static inline void vi_sum4(vi a, vi b, vi c, vi d, int32_t *to) {
    vi all = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    _mm_storeu_si128((__m128i *)to, _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1)));
}

enum { VI_EXCESS = 0 };

/* Panels: a vector holds the two halves of each of 4 rows' sums. */
#define LOCI_VP_TOKENS 2
enum { VP_ROWS = 4, VP_VECTORS = 4, VP_TOKENS = LOCI_VP_TOKENS };
typedef __m256i vp_w, vp_x;

static inline vp_w vp_load_w(const uint8_t *from) { return vi_load_w(from); }
static inline vp_x vp_load_x(const vi_x *from) {
    int64_t four;
    memcpy(&four, from, sizeof four);
    return _mm256_set1_epi64x(four);
}
static inline vi vp_dot(vi sum, vp_w w, vp_x x) { return _mm256_add_epi32(sum, _mm256_madd_epi16(w, x)); }
static inline void vp_sums(vi sum, int32_t *to) {
    _mm_storeu_si128((__m128i *)to, _mm_hadd_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1)));
}

#endif
