#include "internal.h"

enum { RUN_TOKENS = 8, RUNS_A_THREAD = 4, PARTS_BYTES_MAX = 64 << 20 };

/* Tokens [first, end) of one sequence. */
typedef struct {
    int32_t first;
    int32_t end;
} token_run;

typedef struct {
    const loci_context *context;
    const loci_attention_args *args;
    token_run *runs;
    int32_t count;
    int32_t heads;  /* of the cache, of an item */
    int32_t splits; /* of the keys of the longest run; 1: an item has all keys of its run */
    int32_t items;
    float *parts;        /* of each query, one after the other, its splits */
    int64_t part_stride; /* floats */
} attention_job;

typedef struct {
    token_run run;
    int32_t head;
    int32_t split;
} attention_item;

/* The last runs come first: they have the most keys. */
static attention_item item_of(const attention_job *job, int32_t item) {
    int32_t groups = job->args->kv.kv_heads / job->heads, rest = item % (groups * job->splits);
    token_run run = job->runs[job->count - 1 - item / (groups * job->splits)];
    return (attention_item){run, rest % groups * job->heads, rest / groups};
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
            int64_t query = (int64_t)t * args->heads + (int64_t)one->kv_head * group + i;
            one->q[one->queries] = (const float *)args->q.data + query * dim;
            one->out[one->queries] = one->split < 0
                                         ? (float *)args->out.data + query * dim
                                         : job->parts + (query * job->splits + one->split) * job->part_stride;
            one->keys[one->queries] = positions[t] + 1;
            one->queries++;
            if (one->queries == LOCI_ATTEND_MAX || (t == run.end - 1 && i == group - 1)) {
                job->context->kernels.attend(one);
                one->queries = 0;
            }
        }
    }
}

/* An item is some heads of keys and values and a run of tokens, or one head and a split of its keys. While a head is
 * attended to, the first keys of the next are fetched: after the last, those of the item that this thread is likely to
 * come to. */
static void attend_run(void *argument, int32_t number, int32_t thread) {
    (void)thread;
    const attention_job *job = argument;
    attention_item item = item_of(job, number);
    int32_t later = number + job->context->threads;
    int64_t keys = keys_of(job, item.run), first = (int64_t)item.split * LOCI_ATTEND_SPLIT;
    if (first >= keys) {
        return;
    }
    loci_attend_job one = {
        .kv = &job->args->kv, .pages = pages_of(job, item.run), .split = job->splits > 1 ? item.split : -1};
    for (int32_t head = item.head; head < item.head + job->heads; head++) {
        one.kv_head = head;
        one.next_pages = NULL;
        if (head + 1 < item.head + job->heads) {
            one.next_pages = one.pages;
            one.next_kv_head = head + 1;
            one.next_first = 0;
            one.next_end = keys;
        } else if (later < job->items) {
            attention_item next = item_of(job, later);
            one.next_first = (int64_t)next.split * LOCI_ATTEND_SPLIT;
            one.next_end = keys_of(job, next.run);
            one.next_kv_head = next.head;
            one.next_pages = one.next_first < one.next_end ? pages_of(job, next.run) : NULL;
        }
        attend_head(job, &one, item.run);
    }
}

/* Joins the splits of a token's queries in the order of their keys. */
static void join_token(void *argument, int32_t token, int32_t thread) {
    (void)thread;
    const attention_job *job = argument;
    int32_t heads = job->args->heads, dim = job->args->kv.head_dim;
    int64_t keys = ((const int32_t *)job->args->tokens.positions.data)[token] + 1;
    for (int64_t query = (int64_t)token * heads; query < (int64_t)(token + 1) * heads; query++) {
        float *total = job->parts + query * job->splits * job->part_stride;
        float *out = (float *)job->args->out.data + query * dim;
        for (int64_t split = 1; split * LOCI_ATTEND_SPLIT < keys; split++) {
            job->context->kernels.attend_join(total, total + split * job->part_stride, dim);
        }
        for (int32_t i = 0; i < dim; i++) {
            out[i] = total[LOCI_ATTEND_FOUND + i] / total[1];
        }
    }
}

/* How many runs there are; `runs` gets them unless it is NULL. */
static int32_t runs_of(const loci_tokens *tokens, token_run *runs) {
    const int32_t *sequences = tokens->sequences.data;
    int32_t count = 0, first = 0;
    for (int32_t t = 1; t <= tokens->count; t++) {
        if (t == tokens->count || sequences[t] != sequences[first] || t - first == RUN_TOKENS) {
            if (runs != NULL) {
                runs[count] = (token_run){first, t};
            }
            count++;
            first = t;
        }
    }
    return count;
}

/* Too few runs for the threads: then the keys are divided too, where there are enough of them. */
static int32_t splits_of(const attention_job *job, int32_t longest) {
    int32_t threads = job->context->threads, splits = (longest + LOCI_ATTEND_SPLIT - 1) / LOCI_ATTEND_SPLIT;
    int64_t queries = (int64_t)job->args->tokens.count * job->args->heads;
    bool few = (int64_t)job->count * job->args->kv.kv_heads < (int64_t)RUNS_A_THREAD * threads;
    return few && threads > 1 && queries <= PARTS_BYTES_MAX / (job->part_stride * 4) / splits ? splits : 1;
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
    const int32_t *positions = args->tokens.positions.data;
    int32_t longest = 0;
    int64_t keys = 0;
    for (int32_t t = 0; t < tokens; t++) {
        keys += (int64_t)positions[t] + 1;
        longest = positions[t] >= longest ? positions[t] + 1 : longest;
    }
    attention_job job = {.context = context,
                         .args = args,
                         .count = runs_of(&args->tokens, NULL),
                         .part_stride = loci_round_up(LOCI_ATTEND_FOUND + kv->head_dim, 16)};
    job.heads = job.count >= RUNS_A_THREAD * context->threads ? kv->kv_heads : 1;
    job.splits = splits_of(&job, longest);
    job.items = job.count * (kv->kv_heads / job.heads) * job.splits;
    int64_t run_bytes = loci_round_up(job.count * (int64_t)sizeof(token_run), 64);
    int64_t part_bytes = job.splits == 1 ? 0 : tokens * args->heads * job.splits * job.part_stride * 4;
    uint8_t *scratch = loci_scratch(context, run_bytes + part_bytes);
    LOCI_REQUIRE(scratch != NULL, 4, LOCI_E_MEMORY);
    job.runs = (token_run *)(void *)scratch;
    job.parts = (float *)(void *)(scratch + run_bytes);
    runs_of(&args->tokens, job.runs);
    loci_parallel(context, attend_run, &job, job.items, (double)keys * (double)width / 16);
    if (job.splits > 1) {
        loci_parallel(context, join_token, &job, (int32_t)tokens, (double)(tokens * width) * job.splits / 8);
    }
    return 0;
}
