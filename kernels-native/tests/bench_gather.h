#include "../src/internal.h"

/* @param gib of the table; tokens of a call, at most 512 */
void bench_gather(int32_t isa, int32_t flags, double gib, int32_t tokens);
