#define LOCI_VNNI
#include "vec.h"

#include "../internal.h"

#include "../inner/matmul_i8.h"
#include "../inner/panels_i8.h"

void loci_panels_i8_vnni(const loci_matmul_job *job, int32_t first, int32_t end) { panels_i8(job, first, end); }

void loci_kernels_avx512_vnni(loci_kernels *table) {
    table->matmul_i8_i8 = matmul_i8_i8;
    table->quantise = quantise;
    table->wide = VI_WIDE;
    table->panels_i8 = panels_i8;
}
