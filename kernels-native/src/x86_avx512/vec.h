/* Vectors of sixteen lanes: AVX-512 F, BW, DQ, VL; with LOCI_VNNI defined, products of int8 by VNNI. */
#ifndef LOCI_VEC_H
#define LOCI_VEC_H

#include "../numbers.h"
#include <immintrin.h>

enum { LANES = 16, TILE_TOKENS = 4, POOL_VECTORS = 4 };

typedef __m512 vf;

static inline vf vf_set1(float value) { return _mm512_set1_ps(value); }
static inline vf vf_zero(void) { return _mm512_setzero_ps(); }
static inline __mmask16 vf_mask(int count) { return (__mmask16)((1u << count) - 1); }
static inline vf vf_load(const float *from) { return _mm512_loadu_ps(from); }
static inline vf vf_load_part(const float *from, int count) { return _mm512_maskz_loadu_ps(vf_mask(count), from); }
static inline void vf_store(float *to, vf v) { _mm512_storeu_ps(to, v); }
static inline void vf_store_part(float *to, vf v, int count) { _mm512_mask_storeu_ps(to, vf_mask(count), v); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
static inline vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }

/* w where v is at least floor, elsewhere 0 */
static inline vf vf_keep(vf v, vf floor, vf w) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(v, floor, _CMP_GE_OQ), w);
}

/* Sums of lanes in double precision. */
typedef struct {
    __m512d low, high;
} vd;

static inline vd vd_zero(void) { return (vd){_mm512_setzero_pd(), _mm512_setzero_pd()}; }
static inline vd vd_add(vd sum, vf v) {
    sum.low = _mm512_add_pd(sum.low, _mm512_cvtps_pd(_mm512_castps512_ps256(v)));
    sum.high = _mm512_add_pd(sum.high, _mm512_cvtps_pd(_mm512_extractf32x8_ps(v, 1)));
    return sum;
}
static inline double vd_sum(vd v) { return _mm512_reduce_add_pd(_mm512_add_pd(v.low, v.high)); }

/* The sum of each vector, every one by the same tree. */
static inline __m128 vf_sums(vf a, vf b, vf c, vf d) {
    vf ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    vf cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    vf all = _mm512_add_ps(_mm512_shuffle_ps(ab, cd, 0x44), _mm512_shuffle_ps(ab, cd, 0xee));
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

static inline void vf_sum4(vf a, vf b, vf c, vf d, float *to) { _mm_storeu_ps(to, vf_sums(a, b, c, d)); }
static inline float vf_sum(vf v) { return _mm_cvtss_f32(vf_sums(v, v, v, v)); }
static inline float vf_top(vf v) { return _mm512_reduce_max_ps(v); }

static inline vf vf_from_bf16(__m256i halves) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}
/* Elements 2i and 2i + 1 of LANES pairs. */
static inline void vf_load_bf16_pairs(const uint8_t *from, vf *even, vf *odd) {
    __m512i pairs = _mm512_loadu_si512(from);
    *even = _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16));
    *odd = _mm512_castsi512_ps(_mm512_and_si512(pairs, _mm512_set1_epi32((int)0xffff0000)));
}
static inline vf vf_from_i8(__m128i bytes) { return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes)); }
static inline vf vf_from_low4(__m128i bytes) {
    __m128i nibbles = _mm_and_si128(bytes, _mm_set1_epi8(15));
    return vf_from_i8(_mm_sub_epi8(nibbles, _mm_set1_epi8(8)));
}
static inline vf vf_from_high4(__m128i bytes) { return vf_from_low4(_mm_srli_epi16(bytes, 4)); }

static inline __m256i vf_halves(const uint8_t *from) { return _mm256_loadu_si256((const __m256i *)from); }
static inline __m256i vf_halves_part(const uint8_t *from, int count) {
    return _mm256_maskz_loadu_epi16(vf_mask(count), from);
}
static inline __m128i vf_bytes(const uint8_t *from) { return _mm_loadu_si128((const __m128i *)from); }
static inline __m128i vf_bytes_part(const uint8_t *from, int count) {
    return _mm_maskz_loadu_epi8(vf_mask(count), from);
}

static inline vf vf_load_bf16(const uint8_t *from) { return vf_from_bf16(vf_halves(from)); }
static inline vf vf_load_f16(const uint8_t *from) { return _mm512_cvtph_ps(vf_halves(from)); }
static inline vf vf_load_i8(const uint8_t *from) { return vf_from_i8(vf_bytes(from)); }
static inline vf vf_load_low4(const uint8_t *from) { return vf_from_low4(vf_bytes(from)); }
static inline vf vf_load_high4(const uint8_t *from) { return vf_from_high4(vf_bytes(from)); }
static inline vf vf_load_bf16_part(const uint8_t *from, int n) { return vf_from_bf16(vf_halves_part(from, n)); }
static inline vf vf_load_f16_part(const uint8_t *from, int n) { return _mm512_cvtph_ps(vf_halves_part(from, n)); }
static inline vf vf_load_i8_part(const uint8_t *from, int n) { return vf_from_i8(vf_bytes_part(from, n)); }
static inline vf vf_load_low4_part(const uint8_t *from, int n) { return vf_from_low4(vf_bytes_part(from, n)); }
static inline vf vf_load_high4_part(const uint8_t *from, int n) { return vf_from_high4(vf_bytes_part(from, n)); }

static inline void vf_store_f16_part(uint8_t *to, vf v, int count) {
    __m256i halves = _mm512_cvtps_ph(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm256_mask_storeu_epi16(to, vf_mask(count), halves);
}

/* e^v to about 2 ulp: 2^n * e^r, |r| <= ln(2) / 2. */
static inline vf vf_exp(vf v) {
    v = _mm512_min_ps(vf_set1(89.0f), _mm512_max_ps(vf_set1(-104.0f), v)); /* in this order a NaN stays */
    vf n = _mm512_roundscale_ps(v * vf_set1(0x1.715476p+0f), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    vf r = vf_fma(n, vf_set1(-0x1.62e4p-1f), v);
    r = vf_fma(n, vf_set1(-0x1.7f7d1cp-20f), r);
    vf p = vf_set1(1.9875691500e-4f);
    p = vf_fma(p, r, vf_set1(1.3981999507e-3f));
    p = vf_fma(p, r, vf_set1(8.3334519073e-3f));
    p = vf_fma(p, r, vf_set1(4.1665795894e-2f));
    p = vf_fma(p, r, vf_set1(1.6666665459e-1f));
    p = vf_fma(p, r, vf_set1(5.0000001201e-1f));
    p = vf_fma(p, r * r, r) + vf_set1(1.0f);
    return _mm512_scalef_ps(p, n);
}

/* Exact products of int8: VI_COLUMNS columns a step. */
typedef __m512i vi, vi_w;

static inline vi vi_zero(void) { return _mm512_setzero_si512(); }

#ifdef LOCI_VNNI
/* vpdpbusd multiplies unsigned by signed: weights go in as w + 128, and 128 * sum(x) comes off at the end. Sums may
 * wrap on the way; what is left is right. */
enum { VI_COLUMNS = 64, VI_WIDE = 0, VI_EXCESS = 128 };
typedef int8_t vi_x;

static inline vi_w vi_load_w(const uint8_t *from) {
    return _mm512_xor_si512(_mm512_loadu_si512(from), _mm512_set1_epi8((char)0x80));
}
static inline vi_w vi_load_w_part(const uint8_t *from, int count) {
    __mmask64 mask = ((__mmask64)1 << count) - 1;
    return _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, from), _mm512_set1_epi8((char)0x80));
}
static inline vi vi_dot(vi sum, vi_w w, const vi_x *x) {
    /* not the intrinsic: gcc 12 copies the accumulators of a tile around it */
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(w), "vm"(_mm512_loadu_si512(x)));
    return sum;
}

/* Panels: a lane is a row. */
enum { VP_ROWS = 16 };
typedef __m512i vp_w, vp_x;

static inline vp_w vp_load_w(const uint8_t *from) { return vi_load_w(from); }
static inline vp_x vp_load_x(const vi_x *from) {
    int32_t four;
    memcpy(&four, from, sizeof four);
    return _mm512_set1_epi32(four);
}
static inline vi vp_dot(vi sum, vp_w w, vp_x x) {
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(x));
    return sum;
}
static inline void vp_sums(vi sum, int32_t *to) { _mm512_storeu_si512(to, sum); }
#else
enum { VI_COLUMNS = 32, VI_WIDE = 1, VI_EXCESS = 0 };
typedef int16_t vi_x;

static inline vi_w vi_load_w(const uint8_t *from) {
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)from));
}
static inline vi_w vi_load_w_part(const uint8_t *from, int count) {
    return _mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8((__mmask32)((1u << count) - 1), from));
}
static inline vi vi_dot(vi sum, vi_w w, const vi_x *x) {
    return _mm512_add_epi32(sum, _mm512_madd_epi16(w, _mm512_loadu_si512(x)));
}

/* Panels: a vector holds the two halves of each of 8 rows' sums. */
enum { VP_ROWS = 8 };
typedef __m512i vp_w, vp_x;

static inline vp_w vp_load_w(const uint8_t *from) { return vi_load_w(from); }
static inline vp_x vp_load_x(const vi_x *from) {
    int64_t four;
    memcpy(&four, from, sizeof four);
    return _mm512_set1_epi64(four);
}
static inline vi vp_dot(vi sum, vp_w w, vp_x x) { return _mm512_add_epi32(sum, _mm512_madd_epi16(w, x)); }
static inline void vp_sums(vi sum, int32_t *to) {
    __m256i pairs = _mm256_hadd_epi32(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64(sum, 1));
    _mm256_storeu_si256((__m256i *)to, _mm256_permute4x64_epi64(pairs, _MM_SHUFFLE(3, 1, 2, 0)));
}
#endif

#define LOCI_VP_TOKENS 6
enum { VP_VECTORS = 4, VP_TOKENS = LOCI_VP_TOKENS };

static inline void vi_sum4(vi a, vi b, vi c, vi d, int32_t *to) {
    vi ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    vi cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    vi all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    _mm_storeu_si128((__m128i *)to, _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1)));
}

#endif
