/* What the machine can do at most: reads without work, and products without reads. */
#define VEC_BYTES 16
#define FMA(a, b, c) ((a) * (b) + (c))
#if defined(__x86_64__)
#define KEEP(x) __asm__ volatile("" : "+x"(x))
#else
#define KEEP(x) __asm__ volatile("" : "+m"(x))
#endif
#include "inner/limits.h"

enum { READ_PART = 1 << 22, ROWS_PART = 8192, PARTS_A_THREAD = 8 };

void loci_limits_fill(loci_limits *limits, int32_t isa, int32_t flags) {
    fill_limits(limits);
#if defined(__x86_64__)
    if (isa >= LOCI_ISA_AVX512) {
        loci_limits_avx512(limits);
        if (flags & LOCI_CPU_AVX512_VNNI) {
            loci_limits_avx512_vnni(limits);
        }
        if (flags & LOCI_CPU_AVX512_BF16) {
            loci_limits_avx512_bf16(limits);
        }
    } else if (isa == LOCI_ISA_AVX2) {
        loci_limits_avx2(limits);
    }
    if (isa == LOCI_ISA_AMX) {
        loci_limits_amx(limits);
    }
#else
    (void)isa, (void)flags;
#endif
}

typedef struct {
    const loci_limits *limits;
    const loci_limit_args *args;
    int64_t *results;
    atomic_bool refused;
} limit_job;

/* In each part, not before all: one thread alone would take long. */
static bool rows_known(const int32_t *rows, int64_t count, int64_t table_rows) {
    uint32_t greatest = 0;
    for (int64_t i = 0; i < count; i++) {
        greatest = (uint32_t)rows[i] > greatest ? (uint32_t)rows[i] : greatest;
    }
    return greatest < table_rows;
}

static void run_part(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    limit_job *job = argument;
    const loci_limit_args *a = job->args;
    if (a->kind == LOCI_LIMIT_READ) {
        int64_t first = (int64_t)item * READ_PART;
        job->results[item] =
            job->limits->read((const char *)a->data.data + first, loci_min(READ_PART, a->data.bytes - first));
    } else if (a->kind == LOCI_LIMIT_ROWS) {
        int64_t first = (int64_t)item * ROWS_PART;
        const int32_t *rows = (const int32_t *)a->rows.data + first;
        int64_t count = loci_min(ROWS_PART, a->rows.bytes / 4 - first);
        if (!rows_known(rows, count, (a->data.bytes - a->row_bytes) / a->stride + 1)) {
            atomic_store(&job->refused, true);
            return;
        }
        job->results[item] = job->limits->rows(a->data.data, a->row_bytes, a->stride, rows, count, a->ahead);
    } else {
        job->results[item] = job->limits->products[a->kind](a->repeats);
    }
}

static int32_t check_rows(const loci_limit_args *args) {
    LOCI_REQUIRE(args->row_bytes >= LINE && args->row_bytes % 8 == 0, 6, LOCI_E_RANGE);
    LOCI_REQUIRE(args->ahead >= 0 && args->ahead <= 1024, 7, LOCI_E_RANGE);
    LOCI_REQUIRE(args->stride >= args->row_bytes && args->stride % 8 == 0, 8, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(args->data, args->row_bytes, 1);
    LOCI_REQUIRE_SPAN(args->rows, 4, 2);
    return 0;
}

int32_t loci_limit(loci_context *context, const loci_limit_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    LOCI_REQUIRE(args->result != NULL, 3, LOCI_E_NULL);
    LOCI_REQUIRE(args->kind >= 0 && args->kind < LOCI_LIMIT_KINDS, 5, LOCI_E_RANGE);
    int64_t parts = (int64_t)PARTS_A_THREAD * context->threads;
    if (args->kind == LOCI_LIMIT_READ) {
        LOCI_REQUIRE_SPAN(args->data, LINE, 1);
        LOCI_REQUIRE(args->data.bytes % LINE == 0, 1, LOCI_E_RANGE);
        parts = (args->data.bytes + READ_PART - 1) / READ_PART;
    } else if (args->kind == LOCI_LIMIT_ROWS) {
        int32_t status = check_rows(args);
        if (status != 0) {
            return status;
        }
        parts = (args->rows.bytes / 4 + ROWS_PART - 1) / ROWS_PART;
    } else {
        LOCI_REQUIRE(args->repeats >= 1 && args->repeats <= 1 << 20, 4, LOCI_E_RANGE);
        LOCI_REQUIRE(context->limits.products[args->kind] != NULL, 5, LOCI_E_UNSUPPORTED);
    }
    LOCI_REQUIRE(parts <= INT32_MAX, 1, LOCI_E_RANGE);
    limit_job job = {&context->limits, args, loci_scratch(context, parts * 8), false};
    LOCI_REQUIRE(job.results != NULL, 3, LOCI_E_MEMORY);
    loci_parallel(context, run_part, &job, (int32_t)parts, 1e9);
    LOCI_REQUIRE(!atomic_load(&job.refused), 2, LOCI_E_INDEX);
    int64_t result = 0;
    for (int64_t i = 0; i < parts; i++) {
        result = args->kind >= LOCI_LIMIT_F32 ? result + job.results[i] : result ^ job.results[i];
    }
    *args->result = result;
    return 0;
}
