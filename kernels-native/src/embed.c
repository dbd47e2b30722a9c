#include "internal.h"

static void embed_token(void *job, int32_t item, int32_t thread) {
    (void)thread;
    const loci_context *context = ((void **)job)[0];
    const loci_embed_args *args = ((void **)job)[1];
    int32_t id = ((const int32_t *)args->ids.data)[item];
    context->kernels.embed(&args->table, id, (float *)args->out.data + (int64_t)item * args->table.columns);
}

int32_t loci_embed(loci_context *context, const loci_embed_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    int32_t code = loci_matrix_code(&args->table);
    LOCI_REQUIRE(code == 0, 1, code);
    LOCI_REQUIRE(args->table.layout == LOCI_ROWS, 1, LOCI_E_UNSUPPORTED);
    LOCI_REQUIRE(args->tokens >= 0, 4, LOCI_E_RANGE);
    LOCI_REQUIRE(args->reserved == 0, 5, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(args->ids, (int64_t)args->tokens * 4, 2);
    LOCI_REQUIRE_SPAN(args->out, loci_times3(args->tokens, args->table.columns, 4), 3);
    const int32_t *ids = args->ids.data;
    for (int32_t t = 0; t < args->tokens; t++) {
        LOCI_REQUIRE(ids[t] >= 0 && ids[t] < args->table.rows, 2, LOCI_E_INDEX);
    }
    void *job[] = {context, (void *)args};
    loci_parallel_even(context, embed_token, job, args->tokens, (double)args->tokens * args->table.columns / 8);
    return 0;
}
