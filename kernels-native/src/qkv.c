#include "internal.h"

#include <math.h>

typedef struct {
    const loci_context *context;
    const loci_qkv_args *args;
    int32_t row_bytes;
} qkv_job;

/* Clamps, normalises and rotates one head. */
static void prepare(const qkv_job *job, float *head, const loci_span *weight, const float *cos_sin, float *out) {
    const loci_qkv_args *args = job->args;
    const loci_kernels *kernels = &job->context->kernels;
    int32_t dim = args->kv.head_dim;
    if (args->clip < INFINITY) {
        kernels->clip(head, dim, args->clip);
    }
    if (args->norm_heads || weight->bytes != 0) {
        kernels->norm(head, weight->bytes == 0 ? NULL : weight->data, head, dim, args->norm_kind, args->norm_eps);
    }
    kernels->rotate(head, cos_sin, out, dim / 2);
}

static void place_token(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const qkv_job *job = argument;
    const loci_qkv_args *args = job->args;
    const loci_kernels *kernels = &job->context->kernels;
    const loci_kv *kv = &args->kv;
    int32_t dim = kv->head_dim;
    int32_t position = ((const int32_t *)args->tokens.positions.data)[item];
    int32_t sequence = ((const int32_t *)args->tokens.sequences.data)[item];
    int64_t page =
        ((const int32_t *)kv->page_table.data)[(int64_t)sequence * kv->pages_per_sequence + position / kv->page_tokens];
    const float *cos_sin = (const float *)args->cos_sin.data + (int64_t)position * dim;
    float *q = (float *)args->qkv.data + (int64_t)item * (args->heads + 2 * (int64_t)kv->kv_heads) * dim;
    float *k = q + (int64_t)args->heads * dim, *v = k + (int64_t)kv->kv_heads * dim;
    float *out = (float *)args->q.data + (int64_t)item * args->heads * dim;
    for (int32_t head = 0; head < args->heads; head++) {
        prepare(job, q + (int64_t)head * dim, &args->q_norm, cos_sin, out + (int64_t)head * dim);
    }
    if (args->clip < INFINITY) {
        kernels->clip(v, kv->kv_heads * dim, args->clip);
    }
    for (int32_t head = 0; head < kv->kv_heads; head++) {
        float rotated[LOCI_HEAD_DIM_MAX];
        int64_t row = (page * kv->kv_heads + head) * kv->page_tokens + (position & (kv->page_tokens - 1));
        prepare(job, k + (int64_t)head * dim, &args->k_norm, cos_sin, rotated);
        kernels->kv_store(rotated, (char *)kv->keys.data + row * job->row_bytes, dim, kv->type);
        kernels->kv_store(v + (int64_t)head * dim, (char *)kv->values.data + row * job->row_bytes, dim, kv->type);
    }
}

int32_t loci_qkv(loci_context *context, const loci_qkv_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    const loci_kv *kv = &args->kv;
    int32_t status = loci_kv_status(kv, 6, &args->tokens, 7, false);
    if (status != 0) {
        return status;
    }
    int64_t tokens = args->tokens.count, dim = kv->head_dim, heads = args->heads;
    LOCI_REQUIRE(heads >= 1 && heads % kv->kv_heads == 0, 8, LOCI_E_RANGE);
    LOCI_REQUIRE((heads + 2 * (int64_t)kv->kv_heads) * dim <= INT32_MAX, 8, LOCI_E_RANGE);
    LOCI_REQUIRE(args->positions >= 0, 9, LOCI_E_RANGE);
    LOCI_REQUIRE(args->norm_heads == 0 || args->norm_heads == 1, 10, LOCI_E_RANGE);
    LOCI_REQUIRE(args->norm_kind == LOCI_NORM_RMS || args->norm_kind == LOCI_NORM_LAYER, 11, LOCI_E_RANGE);
    LOCI_REQUIRE(args->norm_eps >= 0, 12, LOCI_E_RANGE);
    LOCI_REQUIRE(args->clip > 0, 13, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(args->qkv, loci_times3(tokens, (heads + 2 * (int64_t)kv->kv_heads) * dim, 4), 1);
    LOCI_REQUIRE_SPAN(args->q_norm, args->q_norm.bytes == 0 ? 0 : dim * 4, 2);
    LOCI_REQUIRE_SPAN(args->k_norm, args->k_norm.bytes == 0 ? 0 : dim * 4, 3);
    LOCI_REQUIRE_SPAN(args->cos_sin, loci_times3(args->positions, dim, 4), 4);
    LOCI_REQUIRE_SPAN(args->q, loci_times3(tokens, heads * dim, 4), 5);
    const int32_t *positions = args->tokens.positions.data;
    for (int64_t t = 0; t < tokens; t++) {
        LOCI_REQUIRE(positions[t] < args->positions, 7, LOCI_E_INDEX);
    }
    qkv_job job = {context, args, loci_kv_row_bytes(kv)};
    loci_parallel_even(context, place_token, &job, (int32_t)tokens,
                       (double)tokens * (double)((heads + 2 * kv->kv_heads) * dim) / 2);
    return 0;
}
