#include <immintrin.h>

#define VEC_BYTES 32
#define FMA(a, b, c) ((lanes)_mm256_fmadd_ps((a), (b), (c)))
#define KEEP(x) __asm__ volatile("" : "+x"(x))
#include "../inner/limits.h"

void loci_limits_avx2(loci_limits *limits) { fill_limits(limits); }
