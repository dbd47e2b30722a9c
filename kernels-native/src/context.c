/* A context: the inner loops chosen for the CPU, the threads, the scratch memory. */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

int32_t loci_open(loci_context *none, const loci_open_args *args) {
    (void)none;
    LOCI_REQUIRE(args != NULL, 0, LOCI_E_NULL);
    LOCI_REQUIRE(args->context != NULL, 1, LOCI_E_NULL);
    LOCI_REQUIRE(args->isa >= LOCI_ISA_GENERIC && args->isa <= LOCI_ISA_AMX, 2, LOCI_E_RANGE);
    int64_t cpu = loci_cpu_flags(), needed = 0;
    needed |= args->isa >= LOCI_ISA_AVX2 ? LOCI_CPU_AVX2 : 0;
    needed |= args->isa >= LOCI_ISA_AVX512 ? LOCI_CPU_AVX512 : 0;
    needed |= args->isa >= LOCI_ISA_AMX
                  ? LOCI_CPU_AVX512_VNNI | LOCI_CPU_AMX_TILE | LOCI_CPU_AMX_INT8 | LOCI_CPU_AMX_BF16
                  : 0;
    LOCI_REQUIRE((needed & ~cpu) == 0, 2, LOCI_E_UNSUPPORTED);
    LOCI_REQUIRE((args->flags & ~cpu) == 0, 3, LOCI_E_UNSUPPORTED);
    LOCI_REQUIRE(args->threads >= 1 && args->threads <= 1024, 4, LOCI_E_RANGE);
    LOCI_REQUIRE(args->reserved == 0, 5, LOCI_E_RANGE);
    LOCI_REQUIRE(args->isa < LOCI_ISA_AMX || loci_allow_tiles(), 2, LOCI_E_SYSTEM);

    loci_context *context = aligned_alloc(64, sizeof *context);
    LOCI_REQUIRE(context != NULL, 1, LOCI_E_MEMORY);
    memset(context, 0, sizeof *context);
    atomic_init(&context->foreseen.next, 0);
    loci_kernels_generic(&context->kernels);
#if defined(__x86_64__)
    if (args->isa >= LOCI_ISA_AVX512) {
        loci_kernels_avx512(&context->kernels);
        if (args->flags & LOCI_CPU_AVX512_VNNI) {
            loci_kernels_avx512_vnni(&context->kernels);
        }
        if (args->flags & LOCI_CPU_AVX512_BF16) {
            loci_kernels_avx512_bf16(&context->kernels);
        }
        if (args->isa == LOCI_ISA_AMX) {
            loci_kernels_amx(&context->kernels);
        }
    } else if (args->isa == LOCI_ISA_AVX2) {
        loci_kernels_avx2(&context->kernels);
    }
#endif
    loci_limits_fill(&context->limits, args->isa, args->flags);
    context->threads = args->threads;
    context->pool = loci_threads_start(args->threads);
    if (context->pool == NULL) {
        free(context);
        return LOCI_STATUS(4, LOCI_E_SYSTEM);
    }
    *args->context = context;
    return 0;
}

int32_t loci_close(loci_context *context, const void *none) {
    (void)none;
    LOCI_REQUIRE(context != NULL, 0, LOCI_E_NULL);
    loci_threads_stop(context->pool);
    free(context->scratch);
    free(context);
    return 0;
}

void *loci_scratch(loci_context *context, int64_t bytes) {
    if (bytes > context->scratch_bytes) {
        int64_t grown = loci_round_up(loci_max(bytes, loci_min(context->scratch_bytes * 2, (int64_t)1 << 26)), 4096);
        free(context->scratch);
        context->scratch = aligned_alloc(64, (size_t)grown);
        context->scratch_bytes = context->scratch == NULL ? 0 : grown;
    }
    return context->scratch;
}
