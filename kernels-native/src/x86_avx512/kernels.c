#include "vec.h"

#include "../inner/table.h"

void loci_kernels_avx512(loci_kernels *table) { fill(table); }
