#include "vec.h"

#include "../inner/table.h"

void loci_kernels_generic(loci_kernels *table) { fill(table); }
