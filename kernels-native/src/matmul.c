#include "internal.h"

#include "numbers.h"

enum { I8_COLUMNS_MAX = 131072, PADDING = 64, GATED_ROWS = 64 }; /* outputs of SwiGLU that are made together */
_Static_assert(GATED_ROWS == (int)LOCI_PANEL_ROWS, "their rows lie in two panels at most");

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
    float *halves; /* of each thread, first half, then second: f32[2][tokens][half_rows] */
    int32_t half_rows;
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

/* Rows [first, first + count) for all tokens, tokens half_rows apart, with those before them that lie in the same
 * panel. `next`: the row at which the thread will go on. Returns where row `first` is. */
static const float *multiply_half(const matmul_job *job, int32_t first, int32_t count, int32_t next, float *to) {
    const loci_matrix *weights = &job->args->weights;
    int32_t begin = weights->layout == LOCI_PANELS ? first / LOCI_PANEL_ROWS * LOCI_PANEL_ROWS : first;
    int32_t rows = first + count - begin;
    loci_matmul_job half = job->product;
    half.weights += begin * loci_matrix_row_bytes(weights);
    half.scales = half.scales == NULL ? NULL : half.scales + begin;
    half.out = to;
    half.out_stride = job->half_rows;
    half.rows -= begin;
    half.skip = next - begin - rows;
    job->rows(&half, 0, rows);
    return to + (first - begin);
}

/* Outputs of SwiGLU: both their halves stay in the first or second-level cache. */
static void multiply_gated(void *argument, int32_t item, int32_t thread) {
    const matmul_job *job = argument;
    int32_t tokens = job->product.tokens, inner = job->args->weights.rows / 2, first = item * GATED_ROWS;
    int32_t count = inner - first < GATED_ROWS ? inner - first : GATED_ROWS;
    int64_t half_rows = job->half_rows, half_floats = tokens * half_rows;
    float *halves = job->halves + thread * 2 * half_floats, *out = (float *)job->args->out.data + first;
    const float *linear = multiply_half(job, first, count, inner + first, halves);
    int32_t next = first + job->context->threads * GATED_ROWS;
    const float *gate = multiply_half(job, inner + first, count, next, halves + half_floats);
    for (int64_t t = 0; t < tokens; t++) {
        job->context->kernels.swiglu(linear + t * half_rows, gate + t * half_rows, out + t * inner, count);
    }
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
    LOCI_REQUIRE(args->swiglu == 0 || args->swiglu == 1, 7, LOCI_E_RANGE);
    LOCI_REQUIRE(args->swiglu == 0 || (args->add == 0 && weights->rows % 2 == 0), 7, LOCI_E_UNSUPPORTED);
    LOCI_REQUIRE_SPAN(args->x, loci_times3(args->tokens, columns, 4), 1);
    LOCI_REQUIRE_SPAN(args->out, loci_times3(args->tokens, weights->rows / (1 + args->swiglu), 4), 3);
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
    int64_t stride = loci_round_up(columns, PADDING);
    int64_t x_bytes =
        job.form == X_AS_IT_IS ? 0 : (stride * form_bytes(&context->kernels, job.form) + 8) * (int64_t)tokens;
    bool aligned = weights->layout != LOCI_PANELS || weights->rows / 2 % LOCI_PANEL_ROWS == 0;
    job.half_rows = aligned ? GATED_ROWS : 2 * GATED_ROWS;
    int64_t half_bytes = args->swiglu ? (int64_t)context->threads * 2 * tokens * job.half_rows * 4 : 0;
    uint8_t *scratch = loci_scratch(context, half_bytes + x_bytes);
    LOCI_REQUIRE(scratch != NULL || half_bytes + x_bytes == 0, 1, LOCI_E_MEMORY);
    job.halves = (float *)(void *)scratch;
    if (job.form != X_AS_IT_IS) {
        job.x = scratch + half_bytes;
        job.x_scales = (float *)(void *)(job.x + x_bytes - (int64_t)tokens * 8);
        job.x_sums = (int32_t *)(job.x_scales + tokens);
        job.product.x = job.x;
        job.product.x_scales = job.x_scales;
        job.product.x_sums = job.x_sums;
        job.product.x_stride = stride;
        loci_parallel_even(context, copy_token, &job, tokens, (double)tokens * columns / 4);
    }
    job.product.foreseen = &context->foreseen;
    job.product.rows = weights->rows;
    double nanos = (double)tokens * weights->rows * columns / 32;
    if (args->swiglu) {
        loci_parallel(context, multiply_gated, &job, (weights->rows / 2 + GATED_ROWS - 1) / GATED_ROWS, nanos);
        return 0;
    }
    job.chunk = chunk_rows(context, weights);
    job.product.skip = (context->threads - 1) * job.chunk;
    int32_t chunks = (int32_t)(((int64_t)weights->rows + job.chunk - 1) / job.chunk);
    loci_parallel(context, multiply_chunk, &job, chunks, nanos);
    return 0;
}
