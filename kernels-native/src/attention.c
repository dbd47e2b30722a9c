#include "internal.h"

enum { RUN_TOKENS = 8, FAR_BYTES = 4 << 20 };

/* Tokens [first, end) of one sequence. */
typedef struct {
    int32_t first;
    int32_t end;
} token_run;

typedef struct {
    const loci_context *context;
    const loci_attention_args *args;
    const token_run *runs;
    int32_t count;
    bool far;
} attention_job;

/* An item is a head of keys and values and a run of tokens, the last runs (with the most keys) first. */
static void attend_run(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const attention_job *job = argument;
    const loci_attention_args *args = job->args;
    const loci_kv *kv = &args->kv;
    token_run run = job->runs[job->count - 1 - item / kv->kv_heads];
    const int32_t *positions = args->tokens.positions.data;
    int32_t sequence = ((const int32_t *)args->tokens.sequences.data)[run.first];
    int32_t group = args->heads / kv->kv_heads, head = item % kv->kv_heads;
    loci_attend_job one = {
        .kv = kv,
        .pages = (const int32_t *)kv->page_table.data + (int64_t)sequence * kv->pages_per_sequence,
        .kv_head = head,
        .far = job->far,
    };
    for (int32_t t = run.first; t < run.end; t++) {
        for (int32_t i = 0; i < group; i++) {
            int64_t at = ((int64_t)t * args->heads + (int64_t)head * group + i) * kv->head_dim;
            one.q[one.queries] = (const float *)args->q.data + at;
            one.out[one.queries] = (float *)args->out.data + at;
            one.keys[one.queries] = positions[t] + 1;
            one.queries++;
            if (one.queries == LOCI_ATTEND_MAX || (t == run.end - 1 && i == group - 1)) {
                job->context->kernels.attend(&one);
                one.queries = 0;
            }
        }
    }
}

int32_t loci_attention(loci_context *context, const loci_attention_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    const loci_kv *kv = &args->kv;
    int32_t status = loci_kv_status(kv, 3, &args->tokens, 4, true);
    if (status != 0) {
        return status;
    }
    int64_t tokens = args->tokens.count, width = (int64_t)args->heads * kv->head_dim;
    LOCI_REQUIRE(args->heads >= 1 && args->heads % kv->kv_heads == 0, 5, LOCI_E_RANGE);
    LOCI_REQUIRE(args->reserved == 0, 6, LOCI_E_RANGE);
    LOCI_REQUIRE(tokens * kv->kv_heads <= INT32_MAX, 4, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(args->q, loci_times3(tokens, width, 4), 1);
    LOCI_REQUIRE_SPAN(args->out, loci_times3(tokens, width, 4), 2);
    if (tokens == 0) {
        return 0;
    }
    token_run *runs = loci_scratch(context, tokens * (int64_t)sizeof *runs);
    LOCI_REQUIRE(runs != NULL, 4, LOCI_E_MEMORY);
    const int32_t *positions = args->tokens.positions.data, *sequences = args->tokens.sequences.data;
    int64_t keys = 0, read = 0; /* keys of all tokens, and of all sequences */
    int32_t count = 0;
    for (int32_t t = 0; t < tokens; t++) {
        keys += (int64_t)positions[t] + 1;
        if (count > 0 && sequences[t] == sequences[t - 1] && t - runs[count - 1].first < RUN_TOKENS) {
            runs[count - 1].end = t + 1;
        } else {
            read += (int64_t)positions[t] + 1;
            runs[count++] = (token_run){t, t + 1};
        }
    }
    bool far = read * kv->kv_heads * 2 * loci_kv_row_bytes(kv) > FAR_BYTES;
    attention_job job = {context, args, runs, count, far};
    loci_parallel(context, attend_run, &job, count * kv->kv_heads, (double)keys * (double)width / 16);
    return 0;
}
