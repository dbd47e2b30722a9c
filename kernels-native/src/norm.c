#include "internal.h"

static void norm_row(void *job, int32_t item, int32_t thread) {
    (void)thread;
    const loci_context *context = ((void **)job)[0];
    const loci_norm_args *args = ((void **)job)[1];
    int64_t at = (int64_t)item * args->dim;
    const float *weight = args->weight.bytes == 0 ? NULL : args->weight.data;
    context->kernels.norm((const float *)args->x.data + at, weight, (float *)args->out.data + at, args->dim, args->kind,
                          args->eps);
}

int32_t loci_norm(loci_context *context, const loci_norm_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    LOCI_REQUIRE(args->rows >= 0, 4, LOCI_E_RANGE);
    LOCI_REQUIRE(args->dim >= 1, 5, LOCI_E_RANGE);
    LOCI_REQUIRE(args->kind == LOCI_NORM_RMS || args->kind == LOCI_NORM_LAYER, 6, LOCI_E_RANGE);
    LOCI_REQUIRE(args->eps >= 0, 7, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(args->x, loci_times3(args->rows, args->dim, 4), 1);
    LOCI_REQUIRE_SPAN(args->weight, args->weight.bytes == 0 ? 0 : (int64_t)args->dim * 4, 2);
    LOCI_REQUIRE_SPAN(args->out, loci_times3(args->rows, args->dim, 4), 3);
    void *job[] = {context, (void *)args};
    loci_parallel_even(context, norm_row, job, args->rows, (double)args->rows * args->dim / 4);
    return 0;
}
