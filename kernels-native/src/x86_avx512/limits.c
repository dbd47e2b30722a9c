#include <immintrin.h>

#define VEC_BYTES 64
#define FMA(a, b, c) ((lanes)_mm512_fmadd_ps((a), (b), (c)))
#define KEEP(x) __asm__ volatile("" : "+v"(x))
#include "../inner/limits.h"

void loci_limits_avx512(loci_limits *limits) { fill_limits(limits); }
