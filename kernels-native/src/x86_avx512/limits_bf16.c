#include "../internal.h"

#include <immintrin.h>

enum { CHAINS = 16, ONE = 0x3f80 };

/* Every lane counts its products, 2 an instruction; exact below 2^24. */
static int64_t limit_bf16(int64_t repeats) {
    __m512 sums[CHAINS];
    __m512i ones = _mm512_set1_epi16(ONE);
#pragma GCC unroll 16
    for (int k = 0; k < CHAINS; k++) {
        sums[k] = _mm512_setzero_ps();
        __asm__ volatile("" : "+v"(sums[k])); /* or they are seen to be equal */
    }
    for (int64_t n = 0; n < repeats; n++) {
        __asm__ volatile("" : "+v"(ones));
#pragma GCC unroll 16
        for (int k = 0; k < CHAINS; k++) {
            sums[k] = _mm512_dpbf16_ps(sums[k], (__m512bh)ones, (__m512bh)ones);
        }
    }
    int64_t products = 0;
    for (int k = 0; k < CHAINS; k++) {
        float lanes[16];
        _mm512_storeu_ps(lanes, sums[k]);
        for (int i = 0; i < 16; i++) {
            products += (int64_t)lanes[i];
        }
    }
    return products;
}

void loci_limits_avx512_bf16(loci_limits *limits) { limits->products[LOCI_LIMIT_BF16] = limit_bf16; }
