#include "best.h"
#include "numbers.h"

#include <float.h>

/* Scratch of a thread. */
typedef struct {
    float *adjusted;  /* [vocab_size] */
    int32_t *times;   /* [vocab_size] */
    int64_t *entries; /* [entries] */
    float *shares;    /* [entries] */
    double *blocks;   /* sums of weights */
} slot;

typedef struct {
    const loci_context *context;
    const loci_sample_args *args;
    uint8_t *scratch;
    int64_t slot_bytes;
    int64_t adjusted; /* elements of a slot's arrays */
    int64_t entries;
    int64_t blocks;
    bool own; /* as many slots as rows: a row has its own, otherwise a thread */
} sample_job;

/* Ids that top_k or top_p may leave, as entries (best.h) of a slot. */
typedef struct {
    const loci_kernels *kernels;
    loci_weights how;
    const float *x;
    float bins_per_logit;
} candidates;

enum { BATCH = 64, BINS = 1024 };

/* Whether some ids are not drawn. */
static bool narrows(const loci_sample_row *row) { return row->suppressed_count > 0 || row->masked == 1; }

static bool adjusts(const loci_sample_row *row) {
    bool penalties = row->repetition_penalty != 1 || row->presence_penalty != 0 || row->frequency_penalty != 0;
    bool history = row->prompt_count > 0 || row->answer_count > 0;
    return row->given < 0 && ((penalties && history) || row->bias_count > 0 || narrows(row));
}

/* Entries that the row's searches hold at most. */
static int64_t entries_of(const loci_sample_row *row, int32_t vocab_size) {
    int64_t drawn = row->given >= 0 || row->temperature == 0 ? 0
                    : row->top_k > 0                         ? loci_min(row->top_k, vocab_size)
                    : row->top_p < 1                         ? vocab_size
                                                             : 0;
    return loci_max(drawn, loci_min(row->alternatives, vocab_size));
}

static float finite_f32(double value) {
    return value >= FLT_MAX ? FLT_MAX : value <= -FLT_MAX ? -FLT_MAX : (float)value;
}

static const float *adjust(const sample_job *job, const loci_sample_row *row, const float *logits, const slot *own) {
    const int32_t *history = (const int32_t *)job->args->history.data + row->history;
    const int32_t *answer = history + row->prompt_count;
    int32_t count = row->prompt_count + row->answer_count;
    float *x = own->adjusted;
    memcpy(x, logits, (size_t)job->args->vocab_size * sizeof *x);
    for (int32_t i = 0; i < count; i++) {
        own->times[history[i]] = 0;
    }
    for (int32_t i = 0; i < row->answer_count; i++) {
        own->times[answer[i]]++;
    }
    for (int32_t i = 0; i < count; i++) {
        int32_t id = history[i], times = own->times[id];
        if (times < 0) {
            continue;
        }
        own->times[id] = -1; /* done */
        double value = x[id];
        value = value > 0 ? value / row->repetition_penalty : value * row->repetition_penalty;
        value = value - row->frequency_penalty * times - (times > 0 ? row->presence_penalty : 0);
        x[id] = finite_f32(value);
    }
    const int32_t *bias_ids = (const int32_t *)job->args->bias_ids.data + row->bias;
    const double *biases = (const double *)job->args->biases.data + row->bias;
    for (int32_t i = 0; i < row->bias_count; i++) {
        x[bias_ids[i]] = finite_f32((double)x[bias_ids[i]] + biases[i]);
    }
    const int32_t *suppressed = (const int32_t *)job->args->suppressed.data + row->suppressed;
    for (int32_t i = 0; i < row->suppressed_count; i++) {
        x[suppressed[i]] = -INFINITY;
    }
    if (row->masked == 1) {
        const uint64_t *mask = (const uint64_t *)job->args->masks.data + row->mask;
        for (int32_t id = 0; id < job->args->vocab_size; id++) {
            x[id] = mask[id >> 6] >> (id & 63) & 1 ? x[id] : -INFINITY;
        }
    }
    return x;
}

static int32_t first_greatest(const float *x, int32_t count) {
    int32_t best = 0;
    for (int32_t i = 1; i < count; i++) {
        best = x[i] > x[best] ? i : best;
    }
    return best;
}

/* The smallest f32 that is at least value. */
static float at_least(double value) {
    if (value <= -FLT_MAX) {
        return -FLT_MAX;
    }
    float near = (float)value;
    return (double)near < value ? nextafterf(near, INFINITY) : near;
}

static int32_t draw_in_id_order(const sample_job *job, const loci_weights *how, const float *x, double draw,
                                const slot *own) {
    const loci_kernels *kernels = &job->context->kernels;
    int32_t count = job->args->vocab_size, last = 0, end = (count - 1) / LOCI_WEIGH_BLOCK + 1;
    double target = kernels->weigh(how, x, count, own->blocks) * draw, before = 0, sum = 0;
    for (int32_t block = 0; block < end && sum <= target; block++) {
        if (own->blocks[block] > 0) {
            last = block;
            before = sum;
            sum += own->blocks[block];
        }
    }
    float weights[LOCI_WEIGH_BLOCK];
    int32_t first = last * LOCI_WEIGH_BLOCK, size = (int32_t)loci_min(LOCI_WEIGH_BLOCK, count - first), id = first;
    kernels->weights(how, x + first, size, weights);
    for (int32_t i = 0; i < size; i++) {
        if (weights[i] > 0) {
            id = first + i;
            before += (double)weights[i];
            if (before > target) {
                break;
            }
        }
    }
    return id;
}

static void sink_greatest(int64_t *heap, int32_t at, int32_t size) {
    int64_t moving = heap[at];
    for (int32_t child; (child = 2 * at + 1) < size; at = child) {
        child += child + 1 < size && heap[child + 1] > heap[child];
        if (heap[child] <= moving) {
            break;
        }
        heap[at] = heap[child];
    }
    heap[at] = moving;
}

/* The shares of entries, the same bits as in a sum over the whole row. */
static void shares(const candidates *all, const int64_t *entries, int32_t count, float *out) {
    float logits[BATCH];
    for (int32_t from = 0; from < count; from += BATCH) {
        int32_t n = (int32_t)loci_min(BATCH, count - from);
        for (int32_t i = 0; i < n; i++) {
            logits[i] = all->x[loci_best_index(entries[from + i])];
        }
        all->kernels->weights(&all->how, logits, n, out + from);
    }
}

/* Goes through entries from the best on, adding their shares to sum, until it exceeds target (or reaches it); returns
 * the id that it stops at, the last at the latest. Only permutes the entries. */
static int32_t walk(const candidates *all, int64_t *entries, int32_t count, double target, bool reach, double *sum) {
    int32_t id = 0;
    for (int32_t i = count / 2 - 1; i >= 0; i--) {
        sink_greatest(entries, i, count);
    }
    for (int32_t left = count; left > 0; left--) {
        int64_t best = entries[0];
        float share;
        entries[0] = entries[left - 1];
        sink_greatest(entries, 0, left - 1);
        entries[left - 1] = best;
        shares(all, &best, 1, &share);
        id = loci_best_index(best);
        *sum += (double)share;
        if (*sum > target || (reach && *sum >= target)) {
            break;
        }
    }
    return id;
}

/* A bin holds the entries whose logits lie in one of equal ranges below the greatest: the first bin the best. */
static int32_t bin_of(const candidates *all, int64_t entry) {
    float below = (all->how.max - all->x[loci_best_index(entry)]) * all->bins_per_logit;
    return below < (float)(BINS - 1) ? (int32_t)below : BINS - 1;
}

/* Moves the entries of a bin to the end; returns how many. */
static int32_t part(const candidates *all, int64_t *entries, int32_t count, int32_t bin) {
    int32_t end = count;
    for (int32_t i = 0; i < end;) {
        if (bin_of(all, entries[i]) == bin) {
            int64_t entry = entries[i];
            entries[i] = entries[--end];
            entries[end] = entry;
        } else {
            i++;
        }
    }
    return count - end;
}

/* Only the bin in which the shares reach top_p, and the one that the draw falls into, are put in order. */
static int32_t draw_top_p(candidates *all, int32_t vocab_size, const loci_sample_row *row, const slot *own) {
    double total = all->kernels->weigh(&all->how, all->x, vocab_size, own->blocks), sums[BINS] = {0};
    /* Ids that all weigh less than this weigh less than half of what top_p leaves out: none is among the taken. */
    double least = log(0.5 * (1 - row->top_p) * total / vocab_size) / (double)all->how.scale + (double)all->how.max;
    float floor = at_least(least);
    floor = floor > all->how.floor ? floor : all->how.floor;
    int32_t count = all->kernels->collect(all->x, vocab_size, floor, own->entries);
    float range = all->how.max - floor;
    all->bins_per_logit = range > 0 && range <= FLT_MAX && (float)BINS / range <= FLT_MAX ? (float)BINS / range : 0;
    shares(all, own->entries, count, own->shares);
    int32_t edge = 0, bin = 0, lowest = 0;
    for (int32_t i = 0; i < count; i++) {
        int32_t at = bin_of(all, own->entries[i]);
        sums[at] += (double)own->shares[i];
        lowest = own->shares[i] > 0 && at > lowest ? at : lowest;
    }
    double taken = 0, before = 0;
    while (edge < lowest && taken + sums[edge] < row->top_p * total) {
        taken += sums[edge++];
    }
    int32_t size = part(all, own->entries, count, edge);
    int32_t last = walk(all, own->entries + count - size, size, row->top_p * total, true, &taken);
    double target = row->draw * taken;
    if (target >= taken) { /* rounded up */
        return last;
    }
    while (bin < edge && before + sums[bin] <= target) {
        before += sums[bin++];
    }
    if (bin < edge) {
        count -= size;
        size = part(all, own->entries, count, bin);
    }
    return walk(all, own->entries + count - size, size, target, false, &before);
}

/* Of the best top_k, in order. */
static int32_t draw_top_k(const candidates *all, int32_t vocab_size, const loci_sample_row *row, const slot *own) {
    loci_best best = {own->entries, (int32_t)loci_min(row->top_k, vocab_size), 0};
    all->kernels->take_greatest(&best, all->x, vocab_size);
    loci_best_sort(&best);
    int32_t kept = 0, taken = 0;
    while (kept < best.size && all->x[loci_best_index(best.entries[kept])] >= all->how.floor) {
        kept++;
    }
    shares(all, best.entries, kept, own->shares);
    double total = 0, reached = 0, sum = 0;
    for (int32_t i = 0; i < kept; i++) {
        total += (double)own->shares[i];
    }
    while (taken < kept && reached < row->top_p * total) {
        reached += (double)own->shares[taken++];
    }
    for (int32_t i = 0; i < taken; i++) {
        sum += (double)own->shares[i];
        if (sum > row->draw * reached) {
            return loci_best_index(best.entries[i]);
        }
    }
    return loci_best_index(best.entries[taken - 1]);
}

static int32_t draw(const sample_job *job, const loci_sample_row *row, const float *logits, int32_t best,
                    const slot *own) {
    const float *x = logits;
    if (adjusts(row)) {
        x = adjust(job, row, logits, own);
        if (narrows(row)) { /* -inf is not finite, which the other search refuses */
            best = first_greatest(x, job->args->vocab_size);
        } else {
            job->context->kernels.greatest(x, job->args->vocab_size, &best);
        }
    }
    if (row->temperature == 0) {
        return best;
    }
    double temperature = row->temperature < 1e-30 ? 1e-30 : row->temperature;
    loci_weights how = {.max = x[best], .scale = (float)(1 / temperature)};
    how.floor = row->min_p > 0 ? at_least((double)how.max + temperature * log(row->min_p)) : -FLT_MAX;
    if (row->top_k == 0 && row->top_p == 1) {
        return draw_in_id_order(job, &how, x, row->draw, own);
    }
    candidates all = {.kernels = &job->context->kernels, .how = how, .x = x};
    int32_t vocab_size = job->args->vocab_size;
    return row->top_k > 0 ? draw_top_k(&all, vocab_size, row, own) : draw_top_p(&all, vocab_size, row, own);
}

static void score(const sample_job *job, int32_t item, const loci_sample_row *row, const float *logits, int32_t best,
                  int32_t id, const slot *own) {
    const loci_sample_args *args = job->args;
    const loci_kernels *kernels = &job->context->kernels;
    double max = logits[best], log_sum = log(kernels->exp_sum(logits, args->vocab_size, logits[best]));
    /* The greatest is taken off first: added to the logarithm it would swallow it where logits are large. */
    ((double *)args->logprobs.data)[item] = (double)logits[id] - max - log_sum;
    loci_best top = {own->entries, (int32_t)loci_min(row->alternatives, args->vocab_size), 0};
    if (top.capacity == 0) {
        return;
    }
    kernels->take_greatest(&top, logits, args->vocab_size);
    loci_best_sort(&top);
    int32_t *ids = (int32_t *)args->top_ids.data + (int64_t)item * args->top;
    double *logprobs = (double *)args->top_logprobs.data + (int64_t)item * args->top;
    for (int32_t i = 0; i < top.size; i++) {
        ids[i] = loci_best_index(top.entries[i]);
        logprobs[i] = (double)logits[ids[i]] - max - log_sum;
    }
}

static void sample_row(void *argument, int32_t item, int32_t thread) {
    const sample_job *job = argument;
    const loci_sample_args *args = job->args;
    const loci_sample_row *row = (const loci_sample_row *)args->rows.data + item;
    const float *logits = (const float *)args->logits.data + (int64_t)item * args->columns;
    uint8_t *at = job->scratch + (job->own ? item : thread) * job->slot_bytes;
    slot own;
    own.entries = (int64_t *)(void *)at;
    own.blocks = (double *)(void *)(own.entries + job->entries);
    own.adjusted = (float *)(own.blocks + job->blocks);
    own.times = (int32_t *)(void *)(own.adjusted + job->adjusted);
    own.shares = (float *)(void *)(own.times + job->adjusted);
    int32_t best, id = -1;
    if (job->context->kernels.greatest(logits, args->vocab_size, &best)) {
        id = row->given >= 0 ? row->given : draw(job, row, logits, best, &own);
        if (row->alternatives >= 0) {
            score(job, item, row, logits, best, id, &own);
        }
    }
    ((int32_t *)args->ids.data)[item] = id;
}

static bool within(int64_t first, int32_t count, loci_span span, int64_t width) {
    return count == 0 || (first >= 0 && count > 0 && first <= span.bytes / width - count && span.data != NULL);
}

static bool ids_within(const int32_t *ids, int64_t count, int32_t vocab_size) {
    for (int64_t i = 0; i < count; i++) {
        if (ids[i] < 0 || ids[i] >= vocab_size) {
            return false;
        }
    }
    return true;
}

/* Ids that a mask has. */
static int32_t allowed(const uint64_t *mask, int32_t vocab_size) {
    int32_t count = 0;
    for (int32_t word = 0; word <= (vocab_size - 1) >> 6; word++) {
        int32_t bits = vocab_size - 64 * word;
        count += __builtin_popcountll(bits < 64 ? mask[word] & ((1ULL << bits) - 1) : mask[word]);
    }
    return count;
}

static int32_t row_status(const loci_sample_args *args, const loci_sample_row *row) {
    LOCI_REQUIRE(row->temperature >= 0 && row->temperature <= DBL_MAX, 2, LOCI_E_RANGE);
    LOCI_REQUIRE(row->top_p > 0 && row->top_p <= 1, 2, LOCI_E_RANGE);
    LOCI_REQUIRE(row->min_p >= 0 && row->min_p <= 1, 2, LOCI_E_RANGE);
    LOCI_REQUIRE(row->repetition_penalty > 0 && row->repetition_penalty <= DBL_MAX, 2, LOCI_E_RANGE);
    LOCI_REQUIRE(fabs(row->presence_penalty) <= DBL_MAX && fabs(row->frequency_penalty) <= DBL_MAX, 2, LOCI_E_RANGE);
    LOCI_REQUIRE(row->draw >= 0 && row->draw < 1, 2, LOCI_E_RANGE);
    LOCI_REQUIRE(row->top_k >= 0 && row->alternatives >= -1 && row->alternatives <= args->top, 2, LOCI_E_RANGE);
    LOCI_REQUIRE(row->given >= -1 && row->given < args->vocab_size, 2, LOCI_E_INDEX);
    LOCI_REQUIRE(row->masked == 0 || row->masked == 1, 2, LOCI_E_RANGE);
    LOCI_REQUIRE(row->prompt_count >= 0 && row->answer_count >= 0 && row->bias_count >= 0, 2, LOCI_E_RANGE);
    LOCI_REQUIRE(row->suppressed_count >= 0 && row->suppressed_count < args->vocab_size, 2, LOCI_E_RANGE);
    int32_t history;
    LOCI_REQUIRE(!__builtin_add_overflow(row->prompt_count, row->answer_count, &history), 2, LOCI_E_RANGE);
    LOCI_REQUIRE(within(row->history, history, args->history, 4), 3, LOCI_E_SMALL);
    LOCI_REQUIRE(within(row->bias, row->bias_count, args->bias_ids, 4), 4, LOCI_E_SMALL);
    LOCI_REQUIRE(within(row->bias, row->bias_count, args->biases, 8), 5, LOCI_E_SMALL);
    LOCI_REQUIRE(within(row->suppressed, row->suppressed_count, args->suppressed, 4), 6, LOCI_E_SMALL);
    if (history > 0) {
        const int32_t *ids = (const int32_t *)args->history.data + row->history;
        LOCI_REQUIRE(ids_within(ids, history, args->vocab_size), 3, LOCI_E_INDEX);
    }
    if (row->bias_count > 0) {
        const int32_t *ids = (const int32_t *)args->bias_ids.data + row->bias;
        LOCI_REQUIRE(ids_within(ids, row->bias_count, args->vocab_size), 4, LOCI_E_INDEX);
    }
    for (int32_t i = 0; i < row->bias_count; i++) {
        LOCI_REQUIRE(fabs(((const double *)args->biases.data)[row->bias + i]) <= DBL_MAX, 5, LOCI_E_RANGE);
    }
    if (row->suppressed_count > 0) {
        const int32_t *ids = (const int32_t *)args->suppressed.data + row->suppressed;
        LOCI_REQUIRE(ids_within(ids, row->suppressed_count, args->vocab_size), 6, LOCI_E_INDEX);
    }
    if (row->masked == 1) {
        LOCI_REQUIRE(within(row->mask, ((args->vocab_size - 1) >> 6) + 1, args->masks, 8), 15, LOCI_E_SMALL);
        const uint64_t *mask = (const uint64_t *)args->masks.data + row->mask;
        LOCI_REQUIRE(allowed(mask, args->vocab_size) > row->suppressed_count, 15, LOCI_E_RANGE);
    }
    return 0;
}

int32_t loci_sample(loci_context *context, const loci_sample_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    int64_t rows = args->row_count;
    LOCI_REQUIRE(rows >= 0, 11, LOCI_E_RANGE);
    LOCI_REQUIRE(args->columns >= 1, 12, LOCI_E_RANGE);
    LOCI_REQUIRE(args->vocab_size >= 1 && args->vocab_size <= args->columns, 13, LOCI_E_RANGE);
    LOCI_REQUIRE(args->vocab_size <= INT32_MAX - 65536, 13, LOCI_E_RANGE);
    LOCI_REQUIRE(args->top >= 0, 14, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(args->logits, loci_times3(rows, args->columns, 4), 1);
    LOCI_REQUIRE_SPAN(args->rows, loci_times(rows, sizeof(loci_sample_row)), 2);
    LOCI_REQUIRE_SPAN(args->ids, loci_times(rows, 4), 7);
    LOCI_REQUIRE_SPAN(args->logprobs, loci_times(rows, 8), 8);
    LOCI_REQUIRE_SPAN(args->top_ids, loci_times3(rows, args->top, 4), 9);
    LOCI_REQUIRE_SPAN(args->top_logprobs, loci_times3(rows, args->top, 8), 10);
    sample_job job = {.context = context, .args = args};
    job.blocks = args->vocab_size / LOCI_WEIGH_BLOCK + 1;
    for (int64_t i = 0; i < rows; i++) {
        const loci_sample_row *row = (const loci_sample_row *)args->rows.data + i;
        int32_t status = row_status(args, row);
        if (status != 0) {
            return status;
        }
        job.adjusted = adjusts(row) ? args->vocab_size : job.adjusted;
        job.entries = loci_max(job.entries, entries_of(row, args->vocab_size));
    }
    if (rows == 0) {
        return 0;
    }
    job.own = rows <= context->threads;
    job.slot_bytes = loci_round_up(12 * job.entries + 8 * job.blocks + 8 * job.adjusted, 64);
    int64_t bytes = loci_times(job.own ? rows : context->threads, job.slot_bytes);
    job.scratch = loci_scratch(context, bytes);
    LOCI_REQUIRE(job.scratch != NULL, 11, LOCI_E_MEMORY);
    loci_parallel(context, sample_row, &job, (int32_t)rows, (double)rows * args->vocab_size * 0.3);
    return 0;
}
