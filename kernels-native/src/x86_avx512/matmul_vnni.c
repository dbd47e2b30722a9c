#define LOCI_VNNI
#include "vec.h"

#include "../internal.h"

#include "../inner/matmul_i8.h"

void loci_kernels_avx512_vnni(loci_kernels *table) {
    table->matmul_i8_i8 = matmul_i8_i8;
    table->quantise = quantise;
    table->wide = VI_WIDE;
}
