#include "internal.h"

enum { RUN_TOKENS = 8, RUNS_A_THREAD = 4 };

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
    int32_t heads; /* of the cache, of an item */
    int32_t items;
} attention_job;

static token_run run_of(const attention_job *job, int32_t item) {
    return job->runs[job->count - 1 - item / (job->args->kv.kv_heads / job->heads)];
}

static const int32_t *pages_of(const attention_job *job, token_run run) {
    const loci_kv *kv = &job->args->kv;
    int32_t sequence = ((const int32_t *)job->args->tokens.sequences.data)[run.first];
    return (const int32_t *)kv->page_table.data + (int64_t)sequence * kv->pages_per_sequence;
}

static int32_t keys_of(const attention_job *job, token_run run) {
    return ((const int32_t *)job->args->tokens.positions.data)[run.end - 1] + 1;
}

static void attend_head(const attention_job *job, loci_attend_job *one, token_run run) {
    const loci_attention_args *args = job->args;
    const int32_t *positions = args->tokens.positions.data;
    int32_t group = args->heads / args->kv.kv_heads, dim = args->kv.head_dim;
    for (int32_t t = run.first; t < run.end; t++) {
        for (int32_t i = 0; i < group; i++) {
            int64_t at = ((int64_t)t * args->heads + (int64_t)one->kv_head * group + i) * dim;
            one->q[one->queries] = (const float *)args->q.data + at;
            one->out[one->queries] = (float *)args->out.data + at;
            one->keys[one->queries] = positions[t] + 1;
            one->queries++;
            if (one->queries == LOCI_ATTEND_MAX || (t == run.end - 1 && i == group - 1)) {
                job->context->kernels.attend(one);
                one->queries = 0;
            }
        }
    }
}

/* An item is some heads of keys and values and a run of tokens, the last runs (with the most keys) first. While a head
 * is attended to, the first keys of the next are fetched: after the last, those of the item that this thread is likely
 * to come to. */
static void attend_run(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const attention_job *job = argument;
    int32_t parts = job->args->kv.kv_heads / job->heads, first = item % parts * job->heads;
    int32_t later = item + job->context->threads;
    token_run run = run_of(job, item);
    loci_attend_job one = {.kv = &job->args->kv, .pages = pages_of(job, run)};
    for (int32_t head = first; head < first + job->heads; head++) {
        one.kv_head = head;
        if (head + 1 < first + job->heads) {
            one.next_pages = one.pages;
            one.next_kv_head = head + 1;
            one.next_keys = keys_of(job, run);
        } else if (later < job->items) {
            token_run next = run_of(job, later);
            one.next_pages = pages_of(job, next);
            one.next_kv_head = later % parts * job->heads;
            one.next_keys = keys_of(job, next);
        } else {
            one.next_pages = NULL;
        }
        attend_head(job, &one, run);
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
    int64_t keys = 0;
    int32_t count = 0;
    for (int32_t t = 0; t < tokens; t++) {
        keys += (int64_t)positions[t] + 1;
        if (count > 0 && sequences[t] == sequences[t - 1] && t - runs[count - 1].first < RUN_TOKENS) {
            runs[count - 1].end = t + 1;
        } else {
            runs[count++] = (token_run){t, t + 1};
        }
    }
    int32_t heads = count >= RUNS_A_THREAD * context->threads ? kv->kv_heads : 1;
    int32_t items = count * (kv->kv_heads / heads);
    attention_job job = {context, args, runs, count, heads, items};
    loci_parallel(context, attend_run, &job, items, (double)keys * (double)width / 16);
    return 0;
}
