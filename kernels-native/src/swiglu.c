#include "internal.h"

static void swiglu_token(void *job, int32_t item, int32_t thread) {
    (void)thread;
    const loci_context *context = ((void **)job)[0];
    const loci_swiglu_args *args = ((void **)job)[1];
    const float *x = (const float *)args->x.data + (int64_t)item * 2 * args->inner;
    context->kernels.swiglu(x, x + args->inner, (float *)args->out.data + (int64_t)item * args->inner, args->inner);
}

int32_t loci_swiglu(loci_context *context, const loci_swiglu_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    LOCI_REQUIRE(args->tokens >= 0, 3, LOCI_E_RANGE);
    LOCI_REQUIRE(args->inner >= 1, 4, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(args->x, loci_times3(args->tokens, args->inner, 8), 1);
    LOCI_REQUIRE_SPAN(args->out, loci_times3(args->tokens, args->inner, 4), 2);
    void *job[] = {context, (void *)args};
    loci_parallel_even(context, swiglu_token, job, args->tokens, (double)args->tokens * args->inner);
    return 0;
}
