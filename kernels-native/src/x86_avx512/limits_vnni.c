#include "../internal.h"

#include <immintrin.h>

enum { CHAINS = 16 };

/* Every lane counts its products, 4 an instruction. */
static int64_t limit_i8(int64_t repeats) {
    __m512i sums[CHAINS], ones = _mm512_set1_epi8(1);
#pragma GCC unroll 16
    for (int k = 0; k < CHAINS; k++) {
        sums[k] = _mm512_setzero_si512();
        __asm__ volatile("" : "+v"(sums[k])); /* or they are seen to be equal */
    }
    for (int64_t n = 0; n < repeats; n++) {
        __asm__ volatile("" : "+v"(ones));
#pragma GCC unroll 16
        for (int k = 0; k < CHAINS; k++) {
            sums[k] = _mm512_dpbusd_epi32(sums[k], ones, ones);
        }
    }
    int64_t products = 0;
    for (int k = 0; k < CHAINS; k++) {
        products += _mm512_reduce_add_epi64(_mm512_cvtepi32_epi64(_mm512_castsi512_si256(sums[k])));
        products += _mm512_reduce_add_epi64(_mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(sums[k], 1)));
    }
    return products;
}

void loci_limits_avx512_vnni(loci_limits *limits) { limits->products[LOCI_LIMIT_I8] = limit_i8; }
