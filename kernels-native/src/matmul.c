#include "internal.h"

enum { I8_COLUMNS_MAX = 131072, PADDING = 64 };

typedef struct {
    const loci_context *context;
    const loci_matmul_args *args;
    loci_matmul_job product;
    loci_matmul_rows *rows;
    int32_t chunk;
    int8_t *x;
    float *x_scales;
    int32_t *x_sums;
} matmul_job;

static void quantise_token(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const matmul_job *job = argument;
    const loci_kernels *kernels = &job->context->kernels;
    int32_t columns = job->args->weights.columns;
    int64_t stride = job->product.x_stride;
    kernels->quantise((const float *)job->args->x.data + (int64_t)item * columns, columns, stride,
                      job->x + item * stride * (kernels->wide ? 2 : 1), job->x_scales + item, job->x_sums + item);
}

static void multiply_chunk(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const matmul_job *job = argument;
    int64_t first = (int64_t)item * job->chunk;
    job->rows(&job->product, (int32_t)first, (int32_t)loci_min(first + job->chunk, job->args->weights.rows));
}

int32_t loci_matmul(loci_context *context, const loci_matmul_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    const loci_matrix *weights = &args->weights;
    int32_t code = loci_matrix_code(weights), tokens = args->tokens, columns = weights->columns;
    LOCI_REQUIRE(code == 0, 2, code);
    LOCI_REQUIRE(tokens >= 0, 4, LOCI_E_RANGE);
    bool quantised = args->activations == LOCI_I8;
    LOCI_REQUIRE(quantised || args->activations == LOCI_F32, 5, LOCI_E_UNSUPPORTED);
    LOCI_REQUIRE(!quantised || weights->type == LOCI_I8, 5, LOCI_E_UNSUPPORTED);
    LOCI_REQUIRE(!quantised || columns <= I8_COLUMNS_MAX, 2, LOCI_E_RANGE);
    LOCI_REQUIRE(args->add == 0 || args->add == 1, 6, LOCI_E_RANGE);
    LOCI_REQUIRE(args->reserved == 0, 7, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(args->x, loci_times3(tokens, columns, 4), 1);
    LOCI_REQUIRE_SPAN(args->out, loci_times3(tokens, weights->rows, 4), 3);
    if (tokens == 0) {
        return 0;
    }

    const loci_kernels *kernels = &context->kernels;
    matmul_job job = {
        .context = context,
        .args = args,
        .product = {.x = args->x.data,
                    .x_stride = columns,
                    .weights = weights->data.data,
                    .scales = weights->scales.data,
                    .out = args->out.data,
                    .out_stride = weights->rows,
                    .columns = columns,
                    .tokens = tokens,
                    .add = args->add},
        .rows = quantised                    ? kernels->matmul_i8_i8
                : weights->type == LOCI_I8   ? kernels->matmul_i8
                : weights->type == LOCI_BF16 ? kernels->matmul_bf16
                                             : kernels->matmul_f32,
    };
    if (quantised) {
        int64_t stride = loci_round_up(columns, PADDING), x_bytes = stride * tokens * (kernels->wide ? 2 : 1);
        uint8_t *scratch = loci_scratch(context, x_bytes + (int64_t)tokens * 8);
        LOCI_REQUIRE(scratch != NULL, 1, LOCI_E_MEMORY);
        job.x = (int8_t *)scratch;
        job.x_scales = (float *)(void *)(scratch + x_bytes);
        job.x_sums = (int32_t *)(job.x_scales + tokens);
        job.product.x = scratch;
        job.product.x_scales = job.x_scales;
        job.product.x_sums = job.x_sums;
        job.product.x_stride = stride;
        loci_parallel(context, quantise_token, &job, tokens, (double)tokens * columns / 8);
    }
    /* chunks for every thread to take several, of rows that stay in the second-level cache for all tokens */
    int64_t share = weights->rows / (context->threads * 8);
    int64_t cached = 131072 / ((int64_t)columns * loci_half_bytes(weights->type) / 2);
    job.chunk = (int32_t)loci_round_up(loci_max(1, loci_min(share, loci_max(cached, 8))), 8);
    int32_t chunks = (int32_t)(((int64_t)weights->rows + job.chunk - 1) / job.chunk);
    loci_parallel(context, multiply_chunk, &job, chunks, (double)tokens * weights->rows * columns / 32);
    return 0;
}
