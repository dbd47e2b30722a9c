#include "internal.h"

#include "numbers.h"

enum { I8_COLUMNS_MAX = 131072, PADDING = 64 };

/* How the activations go into the loop. */
enum { X_AS_IT_IS, X_F32, X_F32_ROUNDED, X_BF16, X_I8 };

typedef struct {
    const loci_context *context;
    const loci_matmul_args *args;
    loci_matmul_job product;
    loci_matmul_rows *rows;
    int32_t chunk;
    int32_t form; /* X_ */
    uint8_t *x;
    float *x_scales;
    int32_t *x_sums;
} matmul_job;

/* Bytes of an element in a form that is copied. */
static int64_t form_bytes(const loci_kernels *kernels, int32_t form) {
    switch (form) {
    case X_BF16:
        return 2;
    case X_I8:
        return kernels->wide ? 2 : 1;
    default:
        return 4;
    }
}

static void copy_token(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const matmul_job *job = argument;
    const loci_kernels *kernels = &job->context->kernels;
    int32_t columns = job->args->weights.columns;
    int64_t stride = job->product.x_stride;
    const float *x = (const float *)job->args->x.data + (int64_t)item * columns;
    uint8_t *to = job->x + item * stride * form_bytes(kernels, job->form);
    if (job->form == X_I8) {
        kernels->quantise(x, columns, stride, to, job->x_scales + item, job->x_sums + item);
    } else if (job->form == X_BF16) {
        uint16_t *halves = (uint16_t *)(void *)to;
        for (int32_t i = 0; i < columns; i++) {
            halves[i] = loci_to_bf16(x[i]);
        }
        memset(halves + columns, 0, (size_t)(stride - columns) * sizeof *halves);
    } else {
        float *floats = (float *)(void *)to;
        for (int32_t i = 0; i < columns; i++) {
            floats[i] = job->form == X_F32 ? x[i] : loci_from_bf16(loci_to_bf16(x[i]));
        }
        memset(floats + columns, 0, (size_t)(stride - columns) * sizeof *floats);
    }
}

static void multiply_chunk(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const matmul_job *job = argument;
    int64_t first = (int64_t)item * job->chunk;
    job->rows(&job->product, (int32_t)first, (int32_t)loci_min(first + job->chunk, job->args->weights.rows));
}

static int32_t matmul_status(const loci_matmul_args *args) {
    const loci_matrix *weights = &args->weights;
    int32_t code = loci_matrix_code(weights), columns = weights->columns;
    bool panels = weights->layout == LOCI_PANELS;
    LOCI_REQUIRE(code == 0, 2, code);
    LOCI_REQUIRE(args->tokens >= 0, 4, LOCI_E_RANGE);
    switch (args->activations) {
    case LOCI_F32:
        LOCI_REQUIRE(!panels || weights->type == LOCI_BF16, 5, LOCI_E_UNSUPPORTED);
        break;
    case LOCI_BF16:
        LOCI_REQUIRE(panels && weights->type == LOCI_BF16, 5, LOCI_E_UNSUPPORTED);
        break;
    case LOCI_I8:
        LOCI_REQUIRE(weights->type == LOCI_I8, 5, LOCI_E_UNSUPPORTED);
        LOCI_REQUIRE(columns <= I8_COLUMNS_MAX, 2, LOCI_E_RANGE);
        break;
    default:
        return LOCI_STATUS(5, LOCI_E_UNSUPPORTED);
    }
    LOCI_REQUIRE(args->add == 0 || args->add == 1, 6, LOCI_E_RANGE);
    LOCI_REQUIRE(args->reserved == 0, 7, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(args->x, loci_times3(args->tokens, columns, 4), 1);
    LOCI_REQUIRE_SPAN(args->out, loci_times3(args->tokens, weights->rows, 4), 3);
    return 0;
}

static void choose_loop(matmul_job *job) {
    const loci_kernels *kernels = &job->context->kernels;
    const loci_matrix *weights = &job->args->weights;
    bool panels = weights->layout == LOCI_PANELS;
    if (job->args->activations == LOCI_I8) {
        job->rows = panels ? kernels->panels_i8 : kernels->matmul_i8_i8;
        job->form = X_I8;
    } else if (job->args->activations == LOCI_BF16) {
        job->rows = kernels->panels_bf16_bf16 != NULL ? kernels->panels_bf16_bf16 : kernels->panels_bf16;
        job->form = kernels->panels_bf16_bf16 != NULL ? X_BF16 : X_F32_ROUNDED;
    } else if (panels) {
        job->rows = kernels->panels_bf16;
        job->form = weights->columns % 2 == 0 ? X_AS_IT_IS : X_F32;
    } else {
        job->rows = weights->type == LOCI_I8     ? kernels->matmul_i8
                    : weights->type == LOCI_BF16 ? kernels->matmul_bf16
                                                 : kernels->matmul_f32;
        job->form = X_AS_IT_IS;
    }
}

/* Rows of an item: enough items for every thread to take several, of rows that stay in the second-level cache for all
 * tokens. */
static int32_t chunk_rows(const loci_context *context, const loci_matrix *weights) {
    int64_t unit = weights->layout == LOCI_PANELS ? LOCI_PANEL_ROWS : 8;
    int64_t share = weights->rows / (context->threads * 8);
    int64_t cached = 131072 / ((int64_t)weights->columns * loci_half_bytes(weights->type) / 2);
    return (int32_t)loci_round_up(loci_max(1, loci_min(share, loci_max(cached, unit))), unit);
}

int32_t loci_matmul(loci_context *context, const loci_matmul_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    int32_t status = matmul_status(args), tokens = args->tokens;
    if (status != 0 || tokens == 0) {
        return status;
    }
    const loci_matrix *weights = &args->weights;
    int32_t columns = weights->columns;
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
    };
    choose_loop(&job);
    if (job.form != X_AS_IT_IS) {
        int64_t stride = loci_round_up(columns, PADDING);
        int64_t x_bytes = stride * tokens * form_bytes(&context->kernels, job.form);
        uint8_t *scratch = loci_scratch(context, x_bytes + (int64_t)tokens * 8);
        LOCI_REQUIRE(scratch != NULL, 1, LOCI_E_MEMORY);
        job.x = scratch;
        job.x_scales = (float *)(void *)(scratch + x_bytes);
        job.x_sums = (int32_t *)(job.x_scales + tokens);
        job.product.x = scratch;
        job.product.x_scales = job.x_scales;
        job.product.x_sums = job.x_sums;
        job.product.x_stride = stride;
        loci_parallel(context, copy_token, &job, tokens, (double)tokens * columns / 4);
    }
    job.chunk = chunk_rows(context, weights);
    job.product.foreseen = &context->foreseen;
    job.product.rows = weights->rows;
    job.product.skip = (context->threads - 1) * job.chunk;
    int32_t chunks = (int32_t)(((int64_t)weights->rows + job.chunk - 1) / job.chunk);
    loci_parallel(context, multiply_chunk, &job, chunks, (double)tokens * weights->rows * columns / 32);
    return 0;
}
