/* Every operation on every ISA this machine has, against references in double precision written from the header's
 * formulas. Buffers are allocated to the byte, so a build with LOCI_SANITIZE=ON finds reads past an end as well. */
#define _GNU_SOURCE
#include "../src/numbers.h"
#include "loci_kernels.h"

#include <float.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

_Static_assert(sizeof(loci_span) == 16 && sizeof(loci_open_args) == 24 && sizeof(loci_matrix) == 48, "ABI");
_Static_assert(sizeof(loci_embed_args) == 88 && sizeof(loci_matmul_args) == 96 && sizeof(loci_pack_args) == 64 &&
                   sizeof(loci_norm_args) == 64,
               "ABI");
_Static_assert(sizeof(loci_limit_args) == 64, "ABI");
_Static_assert(sizeof(loci_swiglu_args) == 40 && sizeof(loci_kv) == 80 && sizeof(loci_tokens) == 40, "ABI");
_Static_assert(sizeof(loci_qkv_args) == 224 && sizeof(loci_attention_args) == 160 && sizeof(loci_foresee_args) == 120,
               "ABI");
_Static_assert(sizeof(loci_retrieve_args) == 192 && sizeof(loci_table_part) == 32 && sizeof(loci_pool_args) == 128,
               "ABI");
_Static_assert(sizeof(loci_map_args) == 24 && sizeof(loci_range_args) == 16, "ABI");
_Static_assert(sizeof(loci_sample_row) == 120 && sizeof(loci_sample_args) == 192, "ABI");

/* ---- harness ---- */

static int passed, failed;
static const char *isa_name = "-";

static void check_at(bool ok, const char *what, int line) {
    if (ok) {
        passed++;
    } else {
        failed++;
        if (failed <= 40) {
            printf("FAILED line %d, isa %s: %s\n", line, isa_name, what);
        }
    }
}
#define CHECK(condition) check_at((condition), #condition, __LINE__)
#define CHECK_CLOSE(got, want, bound) check_close((got), (want), (bound), __LINE__)

static void check_close(double got, double want, double bound, int line) {
    char text[120];
    bool ok = fabs(got - want) <= bound;
    if (!ok) {
        snprintf(text, sizeof text, "expected %.9g, found %.9g, bound %.3g", want, got, bound);
    }
    check_at(ok, ok ? "" : text, line);
}

static uint64_t seed = 0x9e3779b97f4a7c15;
static uint32_t next_random(void) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32);
}
static int below(int n) { return (int)(next_random() % (uint32_t)n); }
static float uniform(void) { return (float)(int32_t)next_random() * 0x1p-31f; }

static void *exactly(int64_t bytes) {
    void *p = malloc((size_t)(bytes > 0 ? bytes : 1));
    if (p == NULL) {
        abort();
    }
    return p;
}
static float *floats(int64_t count) {
    float *p = exactly(count * 4);
    for (int64_t i = 0; i < count; i++) {
        p[i] = uniform();
    }
    return p;
}
static loci_span span(const void *data, int64_t bytes) { return (loci_span){(void *)data, bytes}; }

enum { BAND = 64 };
/* An output with a guard band behind it. */
static void *output(int64_t bytes) {
    uint8_t *p = exactly(bytes + BAND);
    memset(p, 0xa5, (size_t)(bytes + BAND));
    return p;
}
static bool band_intact(const void *out, int64_t bytes) {
    const uint8_t *p = (const uint8_t *)out + bytes;
    for (int i = 0; i < BAND; i++) {
        if (p[i] != 0xa5) {
            return false;
        }
    }
    return true;
}

enum { BACKENDS = 6, THREADS = 3 };
static const struct {
    const char *name;
    int32_t isa, flags;
} backends[BACKENDS] = {
    {"generic", LOCI_ISA_GENERIC, 0},
    {"avx2", LOCI_ISA_AVX2, LOCI_CPU_AVX2},
    {"avx512", LOCI_ISA_AVX512, LOCI_CPU_AVX2 | LOCI_CPU_AVX512},
    {"avx512_vnni", LOCI_ISA_AVX512, LOCI_CPU_AVX2 | LOCI_CPU_AVX512 | LOCI_CPU_AVX512_VNNI},
    {"avx512_bf16", LOCI_ISA_AVX512, LOCI_CPU_AVX2 | LOCI_CPU_AVX512 | LOCI_CPU_AVX512_VNNI | LOCI_CPU_AVX512_BF16},
    {"amx", LOCI_ISA_AMX,
     LOCI_CPU_AVX2 | LOCI_CPU_AVX512 | LOCI_CPU_AVX512_VNNI | LOCI_CPU_AMX_TILE | LOCI_CPU_AMX_INT8 |
         LOCI_CPU_AMX_BF16},
};
static loci_context *contexts[BACKENDS][THREADS];

static double half_value(uint16_t half) { /* independent of numbers.h */
    int exponent = half >> 10 & 31, fraction = half & 1023;
    double v = exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);
    return half & 0x8000 ? -v : v;
}
static double bf16_value(uint16_t half) {
    int exponent = half >> 7 & 255, fraction = half & 127;
    double v = exponent == 0 ? ldexp(fraction, -133) : ldexp(128 + fraction, exponent - 134);
    return half & 0x8000 ? -v : v;
}
/* Element `column` of a row of a matrix, cache or table, without the scale. */
static double element(const uint8_t *row, int column, int dim, int type) {
    uint16_t half;
    switch (type) {
    case LOCI_F32:
        return loci_read_f32(row + 4 * column);
    case LOCI_BF16:
        memcpy(&half, row + 2 * column, 2);
        return bf16_value(half);
    case LOCI_F16:
        memcpy(&half, row + 2 * column, 2);
        return half_value(half);
    case LOCI_I8:
        return (int8_t)row[column];
    default:
        return column < dim / 2 ? (row[column] & 15) - 8 : (row[column - dim / 2] >> 4) - 8;
    }
}

/* ---- numbers ---- */

static void test_numbers(void) {
    int wrong = 0;
    for (uint32_t h = 0; h < 65536; h++) {
        bool special = (h & 0x7c00) == 0x7c00;
        if (!special &&
            (loci_from_f16((uint16_t)h) != half_value((uint16_t)h) || loci_to_f16(loci_from_f16((uint16_t)h)) != h)) {
            wrong++;
        }
        if ((h & 0x7f80) != 0x7f80 && loci_to_bf16(loci_from_bf16((uint16_t)h)) != h) {
            wrong++;
        }
        if (!special && ((h + 1) & 0x7c00) != 0x7c00 && !(h & 0x8000)) { /* between two halves: nearest, ties to even */
            double low = half_value((uint16_t)h), high = half_value((uint16_t)(h + 1)), middle = (low + high) / 2;
            uint32_t even = h & 1 ? h + 1 : h;
            wrong += loci_to_f16((float)middle) != even;
            wrong += loci_to_f16(nextafterf((float)middle, 1e9f)) != h + 1;
            wrong += loci_to_f16(nextafterf((float)middle, -1e9f)) != h;
        }
    }
    CHECK(wrong == 0);
    CHECK(loci_to_f16(65519.99f) == 0x7bff && loci_to_f16(65520.0f) == 0x7c00 && loci_to_f16(-INFINITY) == 0xfc00);
    CHECK(isnan(loci_from_f16(loci_to_f16(NAN))) && isnan(loci_from_bf16(loci_to_bf16(loci_float(0x7f800001)))));
    CHECK(loci_to_bf16(3.4e38f) == 0x7f80 && loci_to_bf16(loci_float(0x3f808000)) == 0x3f80);
    float factor;
    CHECK(loci_i8_scale(loci_bits(0), &factor) == 0 && factor == 0);
    CHECK(loci_i8_scale(1, &factor) == 0 && factor == 0);
    CHECK(isnan(loci_i8_scale(loci_bits(INFINITY), &factor)) && factor == 0);
    CHECK(loci_i8_value(2.5f, 1) == 2 && loci_i8_value(-3.5f, 1) == -4 && loci_i8_value(-126.6f, 1) == -127);
}

/* ---- dense ---- */

static loci_matrix random_matrix(int rows, int columns, int type) {
    int64_t count = (int64_t)rows * columns, size = type == LOCI_F32 ? 4 : type == LOCI_BF16 ? 2 : 1;
    uint8_t *data = exactly(count * size);
    for (int64_t i = 0; i < count; i++) {
        float value = uniform();
        uint16_t half = loci_to_bf16(value);
        int8_t byte = (int8_t)(below(256) - 128);
        memcpy(data + i * size,
               type == LOCI_F32    ? (void *)&value
               : type == LOCI_BF16 ? (void *)&half
                                   : (void *)&byte,
               (size_t)size);
    }
    float *scales = type == LOCI_I8 ? floats(rows) : NULL;
    return (loci_matrix){span(data, count * size), span(scales, scales ? rows * 4 : 0), rows, columns, type, 0};
}
static void free_matrix(loci_matrix m) {
    free(m.data.data);
    free(m.scales.data);
}
static int64_t panel_bytes(const loci_matrix *m) {
    int64_t size = m->type == LOCI_BF16 ? 2 : 1, columns = 64 / size;
    return (m->rows + 63) / 64 * 64 * ((m->columns + columns - 1) / columns * columns) * size;
}
/* The matrix in panels, its scales shared. */
static loci_matrix packed(loci_context *context, loci_matrix m) {
    loci_matrix to = m;
    int64_t bytes = panel_bytes(&m);
    to.layout = LOCI_PANELS;
    to.data = span(output(bytes), bytes);
    loci_pack_args a = {m, to.data};
    CHECK(loci_pack(context, &a) == 0);
    CHECK(band_intact(to.data.data, bytes));
    return to;
}
static double matrix_at(const loci_matrix *m, int row, int column) {
    int64_t size = m->type == LOCI_F32 ? 4 : m->type == LOCI_BF16 ? 2 : 1;
    if (m->layout == LOCI_PANELS) {
        int64_t step = 4 / size, steps = panel_bytes(m) / ((m->rows + 63) / 64) / 256;
        int64_t at = ((row / 64 * steps + column / step) * 64 + row % 64) * 4;
        return element((uint8_t *)m->data.data + at, column % (int)step, 4, m->type);
    }
    return element((uint8_t *)m->data.data + (int64_t)row * m->columns * size, column, m->columns, m->type);
}

static void matmul_reference_check(const loci_matmul_args *a, const float *before, const float *out) {
    const float *x = a->x.data;
    for (int t = 0; t < a->tokens; t++) {
        int columns = a->weights.columns;
        float max = 0;
        for (int c = 0; c < columns; c++) {
            max = fmaxf(max, fabsf(x[t * columns + c]));
        }
        for (int r = 0; r < a->weights.rows; r++) {
            float scale = a->weights.type == LOCI_I8 ? ((float *)a->weights.scales.data)[r] : 1.0f;
            float old = a->add ? before[t * a->weights.rows + r] : 0;
            float got = out[t * a->weights.rows + r];
            if (a->activations == LOCI_I8) {
                int64_t sum = 0;
                for (int c = 0; c < columns && max > 0; c++) {
                    sum += (int64_t)nearbyintf(x[t * columns + c] * (127.0f / max)) *
                           (int64_t)matrix_at(&a->weights, r, c);
                }
                float value = (float)sum * (max / 127.0f * scale);
                CHECK(got == (a->add ? old + value : value));
                continue;
            }
            double sum = 0, size = 0;
            for (int c = 0; c < columns; c++) {
                float in = x[t * columns + c];
                in = a->activations == LOCI_BF16 ? loci_from_bf16(loci_to_bf16(in)) : in;
                double product = in * matrix_at(&a->weights, r, c);
                sum += product;
                size += fabs(product);
            }
            CHECK_CLOSE(got, sum * scale + old, columns * 0x1p-23 * size * fabs(scale) + 0x1p-22 * fabs(old) + 1e-30);
        }
    }
}

/* SwiGLU with the product gives the bits that it gives of `product`, on any number of threads. */
static void swiglu_check(int backend, loci_matmul_args a, float *product) {
    int inner = a.weights.rows / 2;
    int64_t bytes = (int64_t)a.tokens * inner * 4;
    float *want = exactly(bytes);
    loci_swiglu_args activate = {span(product, 2 * bytes), span(want, bytes), a.tokens, inner};
    CHECK(loci_swiglu(contexts[backend][0], &activate) == 0);
    for (int threads = 0; threads < THREADS; threads++) {
        float *out = output(bytes);
        a.out = span(out, bytes);
        a.swiglu = 1;
        CHECK(loci_matmul(contexts[backend][threads], &a) == 0);
        CHECK(memcmp(out, want, (size_t)bytes) == 0);
        CHECK(band_intact(out, bytes));
        free(out);
    }
    free(want);
}

static void test_matmul(int backend) {
    static const int shapes[][2] = {{1, 1},   {3, 7},   {4, 16},  {5, 17},   {8, 64},    {9, 63},   {13, 8},
                                    {17, 65}, {31, 33}, {40, 96}, {64, 128}, {128, 200}, {23, 130}, {300, 257}};
    static const struct {
        int weights, activations, panels;
    } types[] = {{LOCI_F32, LOCI_F32, 0},  {LOCI_BF16, LOCI_F32, 0},  {LOCI_I8, LOCI_F32, 0}, {LOCI_I8, LOCI_I8, 0},
                 {LOCI_BF16, LOCI_F32, 1}, {LOCI_BF16, LOCI_BF16, 1}, {LOCI_I8, LOCI_I8, 1}};
    for (unsigned s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (int k = 0; k < 7; k++) {
            int rows = shapes[s][0], columns = shapes[s][1], most = rows > 100 ? 5 : types[k].panels ? 50 : 17;
            loci_matrix m = random_matrix(rows, columns, types[k].weights), in_rows = m;
            m = types[k].panels ? packed(contexts[backend][0], m) : m;
            float *x = floats((int64_t)most * columns);
            memset(x, 0, (size_t)columns * 4 * (s % 3 == 2)); /* a token of zeros now and then */
            float *alone = exactly((int64_t)most * rows * 4);
            for (int t = 0; t < most; t++) {
                loci_matmul_args one = {span(x + t * columns, columns * 4),
                                        m,
                                        span(alone + t * rows, rows * 4),
                                        1,
                                        types[k].activations,
                                        0,
                                        0};
                CHECK(loci_matmul(contexts[backend][0], &one) == 0);
            }
            for (int tokens = 0; tokens <= most; tokens++) {
                int64_t bytes = (int64_t)tokens * rows * 4;
                float *out = output(bytes);
                loci_matmul_args a = {
                    span(x, (int64_t)tokens * columns * 4), m, span(out, bytes), tokens, types[k].activations, 0, 0};
                CHECK(loci_matmul(contexts[backend][tokens % THREADS], &a) == 0);
                CHECK(memcmp(out, alone, (size_t)bytes) == 0);
                CHECK(band_intact(out, bytes));
                if (tokens == most || tokens == 1) {
                    matmul_reference_check(&a, NULL, out);
                    if (rows % 2 == 0) {
                        swiglu_check(backend, a, out);
                    }
                    float *before = exactly(bytes);
                    memcpy(before, out, (size_t)bytes);
                    a.add = 1;
                    CHECK(loci_matmul(contexts[backend][1], &a) == 0);
                    matmul_reference_check(&a, before, out);
                    free(before);
                }
                free(out);
            }
            free(alone);
            free(x);
            if (types[k].panels) {
                free(m.data.data);
            }
            free_matrix(in_rows);
        }
    }
}

/* Large enough for the threads to share the work; int8 the same bits everywhere. */
static void test_matmul_large(void) {
    enum { ROWS = 1003, COLUMNS = 517, TOKENS = 19 };
    for (int k = 0; k < 6; k++) {
        static const int types[] = {LOCI_F32, LOCI_BF16, LOCI_I8, LOCI_I8, LOCI_I8, LOCI_BF16};
        static const int activations[] = {LOCI_F32, LOCI_F32, LOCI_F32, LOCI_I8, LOCI_I8, LOCI_BF16};
        loci_matrix m = random_matrix(ROWS, COLUMNS, types[k]), in_rows = m;
        m = k >= 4 ? packed(contexts[0][1], m) : m;
        float *x = floats(TOKENS * COLUMNS), *first = NULL;
        for (int b = 0; b < BACKENDS; b++) {
            isa_name = backends[b].name;
            float *alone = NULL;
            for (int threads = 0; threads < THREADS && contexts[b][threads]; threads++) {
                float *out = output(TOKENS * ROWS * 4);
                loci_matmul_args a = {
                    span(x, TOKENS * COLUMNS * 4), m, span(out, TOKENS * ROWS * 4), TOKENS, activations[k], 0, 0};
                CHECK(loci_matmul(contexts[b][threads], &a) == 0);
                CHECK(band_intact(out, TOKENS * ROWS * 4));
                if (alone == NULL) {
                    alone = out;
                    matmul_reference_check(&a, NULL, out);
                    continue;
                }
                CHECK(memcmp(out, alone, TOKENS * ROWS * 4) == 0);
                free(out);
            }
            if (alone != NULL && first == NULL) {
                first = alone;
            } else if (alone != NULL) {
                CHECK(activations[k] != LOCI_I8 || memcmp(first, alone, TOKENS * ROWS * 4) == 0);
                free(alone);
            }
        }
        free(first);
        free(x);
        if (k >= 4) {
            free(m.data.data);
        }
        free_matrix(in_rows);
    }
    /* the widest sum that int32 holds */
    enum { WIDE = 131072 };
    loci_matrix m = random_matrix(1, WIDE, LOCI_I8);
    float *x = exactly(WIDE * 4), scale = 1;
    for (int c = 0; c < WIDE; c++) {
        x[c] = 127;
        ((int8_t *)m.data.data)[c] = -128;
    }
    ((float *)m.scales.data)[0] = scale;
    for (int b = 0; b < BACKENDS; b++) {
        isa_name = backends[b].name;
        float out = 0;
        loci_matmul_args a = {span(x, WIDE * 4), m, span(&out, 4), 1, LOCI_I8, 0, 0};
        if (contexts[b][0]) {
            CHECK(loci_matmul(contexts[b][0], &a) == 0 && out == -2130706432.0f);
            x[5] = NAN;
            CHECK(loci_matmul(contexts[b][0], &a) == 0 && isnan(out));
            x[5] = 127;
        }
    }
    free(x);
    free_matrix(m);
}

static void test_embed(int backend) {
    static const int types[] = {LOCI_F32, LOCI_BF16, LOCI_I8};
    for (int k = 0; k < 3; k++) {
        int rows = 11, columns = 37, tokens = 9;
        loci_matrix m = random_matrix(rows, columns, types[k]);
        int32_t *ids = exactly(tokens * 4);
        for (int t = 0; t < tokens; t++) {
            ids[t] = below(rows);
        }
        float *out = output((int64_t)tokens * columns * 4);
        loci_embed_args a = {m, span(ids, tokens * 4), span(out, tokens * columns * 4), tokens, 0};
        CHECK(loci_embed(contexts[backend][1], &a) == 0);
        for (int i = 0; i < tokens * columns; i++) {
            int row = ids[i / columns];
            float scale = types[k] == LOCI_I8 ? ((float *)m.scales.data)[row] : 1.0f;
            CHECK(out[i] == scale * (float)matrix_at(&m, row, i % columns));
        }
        CHECK(band_intact(out, tokens * columns * 4));
        ids[3] = rows;
        CHECK(loci_embed(contexts[backend][1], &a) == LOCI_STATUS(2, LOCI_E_INDEX));
        free(ids);
        free(out);
        free_matrix(m);
    }
}

static void norm_reference(const float *x, const float *weight, int dim, int kind, double eps, double *out) {
    double mean = 0, square = 0;
    for (int i = 0; i < dim; i++) {
        mean += x[i] / (double)dim;
    }
    mean = kind == LOCI_NORM_LAYER ? mean : 0;
    for (int i = 0; i < dim; i++) {
        square += (x[i] - mean) * (x[i] - mean) / dim;
    }
    for (int i = 0; i < dim; i++) {
        out[i] = (x[i] - mean) / sqrt(square + eps) * (weight ? weight[i] : 1);
    }
}

static void test_norm(int backend) {
    static const int dims[] = {1, 2, 7, 8, 15, 16, 17, 63, 64, 65, 130, 512, 1000};
    for (unsigned d = 0; d < sizeof dims / sizeof *dims; d++) {
        for (int kind = 0; kind < 4; kind++) {
            int dim = dims[d], rows = d % 2 ? 5 : 70;
            float *x = floats((int64_t)rows * dim), *weight = kind & 2 ? floats(dim) : NULL;
            float *out = output((int64_t)rows * dim * 4);
            loci_norm_args a = {span(x, rows * dim * 4),
                                span(weight, weight ? dim * 4 : 0),
                                span(out, rows * dim * 4),
                                rows,
                                dim,
                                kind & 1,
                                1e-5f};
            CHECK(loci_norm(contexts[backend][1], &a) == 0);
            for (int r = 0; r < rows; r++) {
                double want[1000];
                norm_reference(x + r * dim, weight, dim, kind & 1, 1e-5f, want);
                for (int i = 0; i < dim; i++) {
                    double slack = kind & 1 ? 0x1p-22 * dim * 40 : 0; /* differences with the mean cancel */
                    CHECK_CLOSE(out[r * dim + i], want[i], (dim + 8) * 0x1p-23 * fabs(want[i]) + slack + 1e-7);
                }
            }
            CHECK(band_intact(out, rows * dim * 4));
            a.out = a.x;
            CHECK(loci_norm(contexts[backend][2], &a) == 0 && memcmp(x, out, (size_t)(rows * dim) * 4) == 0);
            free(x);
            free(weight);
            free(out);
        }
    }
}

static void test_swiglu(int backend) {
    static const int widths[] = {1, 7, 8, 16, 17, 33, 100, 1408};
    for (unsigned k = 0; k < sizeof widths / sizeof *widths; k++) {
        int inner = widths[k], tokens = inner > 1000 ? 40 : 3;
        float *x = floats((int64_t)tokens * 2 * inner), *out = output((int64_t)tokens * inner * 4);
        for (int i = 0; i < tokens * 2 * inner; i++) {
            x[i] *= i % 5 == 0 ? 110 : 9;
        }
        loci_swiglu_args a = {span(x, tokens * 2 * inner * 4), span(out, tokens * inner * 4), tokens, inner};
        CHECK(loci_swiglu(contexts[backend][1], &a) == 0);
        for (int t = 0; t < tokens; t++) {
            for (int i = 0; i < inner; i++) {
                double z = x[t * 2 * inner + inner + i], want = z / (1 + exp(-z)) * x[t * 2 * inner + i];
                /* where exp(-z) is infinite in f32, the result is 0: |z| * |x| / FLT_MAX off */
                CHECK_CLOSE(out[t * inner + i], want, 0x1p-20 * fabs(want) + 1e-34);
            }
        }
        CHECK(band_intact(out, tokens * inner * 4));
        free(x);
        free(out);
    }
}

/* ---- attention ---- */

static int kv_row_bytes(int dim, int type) { return type == LOCI_F32 ? dim * 4 : type == LOCI_I8 ? dim + 4 : dim * 2; }
static double kv_at(const uint8_t *row, int column, int dim, int type) {
    double scale = type == LOCI_I8 ? loci_read_f32(row + dim) : 1;
    return scale * element(row, column, dim, type);
}

typedef struct {
    loci_kv kv;
    int64_t bytes;
} cache;

static cache new_cache(int sequences, int pages_per_sequence, int page_tokens, int kv_heads, int dim, int type) {
    int pages = sequences * pages_per_sequence;
    int64_t bytes = (int64_t)pages * kv_heads * page_tokens * kv_row_bytes(dim, type);
    int32_t *table = exactly(pages * 4);
    for (int i = 0; i < pages; i++) {
        table[i] = pages - 1 - i; /* not in order */
    }
    cache c = {.bytes = bytes,
               .kv = {.keys = span(exactly(bytes), bytes),
                      .values = span(exactly(bytes), bytes),
                      .page_table = span(table, pages * 4),
                      .pages = pages,
                      .sequences = sequences,
                      .pages_per_sequence = pages_per_sequence,
                      .page_tokens = page_tokens,
                      .kv_heads = kv_heads,
                      .head_dim = dim,
                      .type = type}};
    memset(c.kv.keys.data, 0, (size_t)bytes);
    memset(c.kv.values.data, 0, (size_t)bytes);
    return c;
}
static void free_cache(cache c) {
    free(c.kv.keys.data);
    free(c.kv.values.data);
    free(c.kv.page_table.data);
}
static const uint8_t *cache_row(const loci_kv *kv, const void *base, int sequence, int position, int head) {
    const int32_t *table = kv->page_table.data;
    int64_t page = table[sequence * kv->pages_per_sequence + position / kv->page_tokens];
    int64_t row = (page * kv->kv_heads + head) * kv->page_tokens + position % kv->page_tokens;
    return (const uint8_t *)base + row * kv_row_bytes(kv->head_dim, kv->type);
}

static void attention_reference_check(const loci_attention_args *a) {
    const loci_kv *kv = &a->kv;
    int dim = kv->head_dim, group = a->heads / kv->kv_heads;
    const int32_t *positions = a->tokens.positions.data, *sequences = a->tokens.sequences.data;
    for (int t = 0; t < a->tokens.count; t++) {
        for (int h = 0; h < a->heads; h++) {
            const float *q = (float *)a->q.data + ((int64_t)t * a->heads + h) * dim;
            const float *out = (float *)a->out.data + ((int64_t)t * a->heads + h) * dim;
            int n = positions[t] + 1;
            double scores[1400], top = -1e300, sum = 0, size = 0;
            for (int p = 0; p < n; p++) {
                const uint8_t *row = cache_row(kv, kv->keys.data, sequences[t], p, h / group);
                double score = 0, magnitude = 0;
                for (int i = 0; i < dim; i++) {
                    score += q[i] * kv_at(row, i, dim, kv->type);
                    magnitude += fabs(q[i] * kv_at(row, i, dim, kv->type));
                }
                scores[p] = score / sqrt(dim);
                top = fmax(top, scores[p]);
                size = fmax(size, magnitude / sqrt(dim));
            }
            for (int p = 0; p < n; p++) {
                scores[p] = exp(scores[p] - top);
                sum += scores[p];
            }
            for (int i = 0; i < dim; i++) {
                double want = 0, magnitude = 0;
                for (int p = 0; p < n; p++) {
                    double v = kv_at(cache_row(kv, kv->values.data, sequences[t], p, h / group), i, dim, kv->type);
                    want += scores[p] / sum * v;
                    magnitude += scores[p] / sum * fabs(v);
                }
                CHECK_CLOSE(out[i], want, magnitude * ((dim + 4) * size * 0x1p-22 + (n + 16) * 0x1p-22) + 1e-12);
            }
        }
    }
}

static void test_attention(int backend) {
    static const int types[] = {LOCI_F32, LOCI_F16, LOCI_BF16, LOCI_I8};
    static const int shapes[][4] = {/* dim, heads, kv_heads, page_tokens */
                                    {2, 1, 1, 1},  {16, 2, 2, 4},   {18, 4, 2, 16}, {64, 6, 2, 16},
                                    {80, 5, 1, 8}, {128, 3, 3, 32}, {34, 7, 1, 64}, {512, 2, 1, 16}};
    for (unsigned s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (int k = 0; k < 4; k++) {
            int dim = shapes[s][0], heads = shapes[s][1], kv_heads = shapes[s][2], page = shapes[s][3];
            int lengths[2] = {150, 13}, per_sequence = (150 + page - 1) / page;
            cache c = new_cache(2, per_sequence, page, kv_heads, dim, types[k]);
            int tokens = lengths[0] + lengths[1], width = (heads + 2 * kv_heads) * dim;
            float *qkv = floats((int64_t)tokens * width), *cos_sin = floats(150 * (int64_t)dim);
            float *q = output((int64_t)tokens * heads * dim * 4), *out = output((int64_t)tokens * heads * dim * 4);
            int32_t *positions = exactly(tokens * 4), *sequences = exactly(tokens * 4);
            for (int t = 0; t < tokens; t++) {
                sequences[t] = t >= lengths[0];
                positions[t] = t >= lengths[0] ? t - lengths[0] : t;
            }
            loci_tokens where = {span(positions, tokens * 4), span(sequences, tokens * 4), tokens, 0};
            float *weight = floats(dim), *copy = exactly((int64_t)tokens * width * 4);
            memcpy(copy, qkv, (size_t)tokens * (size_t)width * 4);
            loci_qkv_args store = {.qkv = span(qkv, (int64_t)tokens * width * 4),
                                   .q_norm = span(weight, s % 2 ? dim * 4 : 0),
                                   .k_norm = span(weight, s % 2 ? dim * 4 : 0),
                                   .cos_sin = span(cos_sin, 150 * (int64_t)dim * 4),
                                   .q = span(q, (int64_t)tokens * heads * dim * 4),
                                   .kv = c.kv,
                                   .tokens = where,
                                   .heads = heads,
                                   .positions = 150,
                                   .norm_heads = s % 3 == 0,
                                   .norm_kind = k & 1,
                                   .norm_eps = 1e-3f,
                                   .clip = s == 3 ? 0.5f : INFINITY};
            CHECK(loci_qkv(contexts[backend][s % THREADS], &store) == 0);
            CHECK(band_intact(q, (int64_t)tokens * heads * dim * 4));
            for (int t = 0; t < tokens; t++) { /* q and the rows against the formulas */
                for (int h = 0; h < heads + 2 * kv_heads; h++) {
                    float in[512];
                    double head[512];
                    bool value = h >= heads + kv_heads;
                    for (int i = 0; i < dim; i++) {
                        in[i] = fminf(fmaxf(copy[(int64_t)t * width + h * dim + i], -store.clip), store.clip);
                        head[i] = in[i];
                    }
                    double max = 0;
                    if (!value) {
                        if (s % 2 || s % 3 == 0) {
                            norm_reference(in, s % 2 ? weight : NULL, dim, k & 1, 1e-3f, head);
                        }
                        for (int i = 0; i < dim / 2; i++) {
                            double x = head[i], y = head[i + dim / 2];
                            double cosine = cos_sin[(int64_t)positions[t] * dim + i];
                            double sine = cos_sin[(int64_t)positions[t] * dim + dim / 2 + i];
                            head[i] = x * cosine - y * sine;
                            head[i + dim / 2] = y * cosine + x * sine;
                        }
                    }
                    for (int i = 0; i < dim; i++) {
                        max = fmax(max, fabs(head[i]));
                    }
                    int type = h < heads ? LOCI_F32 : types[k];
                    double step = type == LOCI_F32 ? 0 : type == LOCI_F16 ? 0x1p-11 : type == LOCI_BF16 ? 0x1p-8 : 0;
                    const uint8_t *row =
                        h < heads ? (uint8_t *)(q + ((int64_t)t * heads + h) * dim)
                        : value   ? cache_row(&c.kv, c.kv.values.data, sequences[t], positions[t], h - heads - kv_heads)
                                  : cache_row(&c.kv, c.kv.keys.data, sequences[t], positions[t], h - heads);
                    for (int i = 0; i < dim; i++) {
                        double bound = step * fabs(head[i]) + (type == LOCI_I8 ? max / 250 : 0) + dim * 0x1p-21 + 1e-6;
                        CHECK_CLOSE(kv_at(row, i, dim, type), head[i], bound);
                    }
                }
            }
            loci_attention_args a = {.q = span(q, (int64_t)tokens * heads * dim * 4),
                                     .out = span(out, (int64_t)tokens * heads * dim * 4),
                                     .kv = c.kv,
                                     .tokens = where,
                                     .heads = heads};
            CHECK(loci_attention(contexts[backend][0], &a) == 0);
            CHECK(band_intact(out, (int64_t)tokens * heads * dim * 4));
            attention_reference_check(&a);
            /* the same bits from several threads, and token by token in chunks of any size */
            float *again = output((int64_t)tokens * heads * dim * 4);
            a.out = span(again, a.out.bytes);
            CHECK(loci_attention(contexts[backend][2], &a) == 0 && memcmp(out, again, (size_t)a.out.bytes) == 0);
            memset(again, 0, (size_t)a.out.bytes);
            for (int t = 0, n; t < tokens; t += n) {
                n = 1 + below(11);
                n = n > tokens - t ? tokens - t : n;
                int64_t at = (int64_t)t * heads * dim;
                loci_attention_args part = a;
                part.q = span(q + at, (int64_t)n * heads * dim * 4);
                part.out = span(again + at, (int64_t)n * heads * dim * 4);
                part.tokens = (loci_tokens){span(positions + t, n * 4), span(sequences + t, n * 4), n, 0};
                CHECK(loci_attention(contexts[backend][below(THREADS)], &part) == 0);
            }
            CHECK(memcmp(out, again, (size_t)a.out.bytes) == 0);
            /* borders */
            a.out.bytes -= 1;
            CHECK(loci_attention(contexts[backend][0], &a) == LOCI_STATUS(2, LOCI_E_SMALL));
            a.out.bytes += 1;
            ((int32_t *)c.kv.page_table.data)[0] = (int32_t)c.kv.pages;
            CHECK(loci_attention(contexts[backend][0], &a) == LOCI_STATUS(3, LOCI_E_INDEX));
            loci_foresee_args ahead = {.kv = c.kv, .tokens = where};
            CHECK(loci_foresee(contexts[backend][0], &ahead) == LOCI_STATUS(1, LOCI_E_INDEX));
            ((int32_t *)c.kv.page_table.data)[0] = 0;
            positions[2] = per_sequence * page;
            CHECK(loci_attention(contexts[backend][0], &a) == LOCI_STATUS(4, LOCI_E_INDEX));
            CHECK(loci_qkv(contexts[backend][0], &store) == LOCI_STATUS(7, LOCI_E_INDEX));
            positions[2] = 2;
            sequences[2] = 2;
            CHECK(loci_attention(contexts[backend][0], &a) == LOCI_STATUS(4, LOCI_E_INDEX));
            sequences[2] = 0;
            store.clip = 0;
            CHECK(loci_qkv(contexts[backend][0], &store) == LOCI_STATUS(13, LOCI_E_RANGE));
            free(again);
            free(weight);
            free(copy);
            free(qkv);
            free(cos_sin);
            free(q);
            free(out);
            free(positions);
            free(sequences);
            free_cache(c);
        }
    }
}

/* Queries of few runs with more keys than a split: divided among threads, alone, and beside others. */
static void test_long_attention(int backend) {
    static const int types[] = {LOCI_F32, LOCI_F16, LOCI_BF16, LOCI_I8};
    enum { KEYS = 1300, TOKENS = 21 };
    for (int k = 0; k < 4; k++) {
        int dim = 48 + 16 * k, heads = 4, kv_heads = 2, row_bytes = kv_row_bytes(dim, types[k]);
        cache c = new_cache(2, (KEYS + 15) / 16, 16, kv_heads, dim, types[k]);
        for (int64_t at = 0; at < c.bytes; at += row_bytes) {
            float row[512];
            for (int which = 0; which < 2; which++) {
                for (int i = 0; i < dim; i++) {
                    row[i] = (float)(below(2001) - 1000) * 0.002f;
                }
                uint8_t *to = (uint8_t *)(which ? c.kv.values.data : c.kv.keys.data) + at;
                if (types[k] == LOCI_I8) {
                    float scale = 0.01f;
                    for (int i = 0; i < dim; i++) {
                        to[i] = (uint8_t)(int8_t)(row[i] * 50);
                    }
                    memcpy(to + dim, &scale, sizeof scale);
                }
                for (int i = 0; i < dim; i++) {
                    uint16_t half = types[k] == LOCI_F16 ? loci_to_f16(row[i]) : loci_to_bf16(row[i]);
                    if (types[k] == LOCI_F32) {
                        memcpy(to + 4 * i, &row[i], sizeof row[i]);
                    } else if (types[k] != LOCI_I8) {
                        memcpy(to + 2 * i, &half, sizeof half);
                    }
                }
            }
        }
        int32_t *positions = exactly(TOKENS * 4), *sequences = exactly(TOKENS * 4);
        for (int t = 0; t < TOKENS; t++) { /* a chunk of a prompt across two borders of splits, then single tokens */
            static const int singles[] = {0, 510, 511, 512, 1299};
            sequences[t] = t >= 16;
            positions[t] = t < 16 ? (t < 8 ? 508 + t : 1014 + t) : singles[t - 16];
        }
        int64_t width = (int64_t)heads * dim;
        float *q = floats(TOKENS * width), *out = output(TOKENS * width * 4), *again = output(TOKENS * width * 4);
        loci_attention_args a = {.q = span(q, TOKENS * width * 4),
                                 .out = span(out, TOKENS * width * 4),
                                 .kv = c.kv,
                                 .tokens = {span(positions, TOKENS * 4), span(sequences, TOKENS * 4), TOKENS, 0},
                                 .heads = heads};
        loci_foresee_args ahead = {.kv = c.kv, .tokens = a.tokens};
        for (int threads = 0; threads < THREADS; threads++) { /* products of later tests take what it leaves */
            CHECK(loci_foresee(contexts[backend][threads], &ahead) == 0);
        }
        ahead.tokens.count = -1;
        CHECK(loci_foresee(contexts[backend][0], &ahead) == LOCI_STATUS(2, LOCI_E_RANGE));
        CHECK(loci_attention(contexts[backend][0], &a) == 0); /* one thread: nothing is divided */
        CHECK(band_intact(out, TOKENS * width * 4));
        attention_reference_check(&a);
        a.out = span(again, TOKENS * width * 4);
        for (int threads = 1; threads < THREADS; threads++) {
            memset(again, 0, (size_t)(TOKENS * width * 4));
            for (int t = 0; t < TOKENS; t++) { /* one run of one token: divided */
                loci_attention_args part = a;
                part.q = span(q + t * width, width * 4);
                part.out = span(again + t * width, width * 4);
                part.tokens = (loci_tokens){span(positions + t, 4), span(sequences + t, 4), 1, 0};
                CHECK(loci_attention(contexts[backend][threads], &part) == 0);
            }
            CHECK(memcmp(out, again, (size_t)(TOKENS * width * 4)) == 0);
            memset(again, 0, (size_t)(TOKENS * width * 4));
            CHECK(loci_attention(contexts[backend][threads], &a) == 0);
            CHECK(memcmp(out, again, (size_t)(TOKENS * width * 4)) == 0 && band_intact(again, TOKENS * width * 4));
        }
        free(q);
        free(out);
        free(again);
        free(positions);
        free(sequences);
        free_cache(c);
    }
}

/* Without norms the cache holds the same bits whatever the ISA. */
static void test_cache_bits(void) {
    static const int types[] = {LOCI_F32, LOCI_F16, LOCI_BF16, LOCI_I8};
    for (int k = 0; k < 4; k++) {
        int dim = 70, tokens = 40, width = 3 * dim;
        float *qkv = floats((int64_t)tokens * width), *scratch = exactly((int64_t)tokens * width * 4);
        float *cos_sin = floats((int64_t)tokens * dim), *q = exactly((int64_t)tokens * dim * 4);
        for (int i = 0; i < tokens * width; i++) {
            qkv[i] = ldexpf(qkv[i], below(40) - 30);
        }
        int32_t *positions = exactly(tokens * 4), *sequences = exactly(tokens * 4);
        for (int t = 0; t < tokens; t++) {
            positions[t] = t;
            sequences[t] = 0;
        }
        cache first = {0};
        for (int b = 0; b < BACKENDS; b++) {
            isa_name = backends[b].name;
            if (contexts[b][0] == NULL) {
                continue;
            }
            cache c = new_cache(1, 3, 16, 1, dim, types[k]);
            memcpy(scratch, qkv, (size_t)tokens * (size_t)width * 4);
            loci_qkv_args store = {.qkv = span(scratch, (int64_t)tokens * width * 4),
                                   .cos_sin = span(cos_sin, (int64_t)tokens * dim * 4),
                                   .q = span(q, (int64_t)tokens * dim * 4),
                                   .kv = c.kv,
                                   .tokens = {span(positions, tokens * 4), span(sequences, tokens * 4), tokens, 0},
                                   .heads = 1,
                                   .positions = tokens,
                                   .clip = INFINITY};
            CHECK(loci_qkv(contexts[b][1], &store) == 0);
            if (first.bytes == 0) {
                first = c;
                continue;
            }
            CHECK(memcmp(first.kv.keys.data, c.kv.keys.data, (size_t)c.bytes) == 0);
            CHECK(memcmp(first.kv.values.data, c.kv.values.data, (size_t)c.bytes) == 0);
            free_cache(c);
        }
        free_cache(first);
        free(qkv);
        free(scratch);
        free(cos_sin);
        free(q);
        free(positions);
        free(sequences);
    }
}

/* ---- memory layer ---- */

static float *numbers(int64_t count, int integers) {
    float *p = floats(count);
    for (int64_t i = 0; integers && i < count; i++) {
        p[i] = (float)(below(2 * integers + 1) - integers);
    }
    return p;
}

static loci_retrieve_args new_retrieve(int tokens, int heads, int axis, int key_dim, int rank, int cores, int top,
                                       int integers) {
    int64_t n = (int64_t)tokens * heads * top, groups = 4, cells = (int64_t)axis * axis;
    loci_retrieve_args a = {
        .queries = span(numbers((int64_t)tokens * 2 * key_dim, integers), (int64_t)tokens * 8 * key_dim),
        .keys = span(numbers((int64_t)heads * 2 * axis * rank * key_dim, integers),
                     (int64_t)heads * 8 * axis * rank * key_dim),
        .u = span(numbers(heads * rank, integers), heads * rank * 4),
        .v = span(numbers(heads * rank, integers), heads * rank * 4),
        .cores =
            span(numbers((int64_t)cores * heads * rank * rank, integers), (int64_t)cores * heads * rank * rank * 4),
        .shuffle = span(exactly(cells * 4), cells * 4),
        .rows = span(output(n * 4), n * 4),
        .groups = span(output(n * 4), n * 4),
        .weights = span(output(n * cores * 4), n * cores * 4),
        .table_rows = (cells + groups - 1) / groups,
        .tokens = tokens,
        .heads = heads,
        .axis_keys = axis,
        .key_dim = key_dim,
        .rank = rank,
        .core_count = cores,
        .top = top,
        .group_count = (int32_t)groups};
    int32_t *shuffle = a.shuffle.data;
    for (int64_t i = 0; i < cells; i++) {
        shuffle[i] = (int32_t)i;
    }
    for (int64_t i = cells - 1; i > 0; i--) {
        int64_t j = below((int)i + 1);
        int32_t swap = shuffle[i];
        shuffle[i] = shuffle[j];
        shuffle[j] = swap;
    }
    return a;
}
/* Keys of a row and column, and where they lie. */
static int64_t key_at(const loci_retrieve_args *a, int64_t matrix, int64_t row, int column) {
    int64_t rows = (int64_t)a->axis_keys * a->rank;
    if (a->key_type == LOCI_F32) {
        return (matrix * rows + row) * a->key_dim + column;
    }
    int64_t steps = (a->key_dim + 31) / 32 * 16, panel = matrix * ((rows + 63) / 64) + row / 64;
    return ((panel * steps + column / 2) * 64 + row % 64) * 2 + column % 2;
}
static double key_value(const loci_retrieve_args *a, int64_t matrix, int64_t row, int column) {
    int64_t at = key_at(a, matrix, row, column);
    return a->key_type == LOCI_F32 ? (double)((float *)a->keys.data)[at] : bf16_value(((uint16_t *)a->keys.data)[at]);
}

/* The same keys, rounded, in panels. */
static void pack_keys(loci_retrieve_args *a) {
    int64_t rows = (int64_t)a->axis_keys * a->rank, matrices = 2 * (int64_t)a->heads;
    int64_t bytes = matrices * ((rows + 63) / 64 * 64) * ((a->key_dim + 31) / 32 * 32) * 2;
    uint16_t *panels = exactly(bytes);
    loci_retrieve_args packed = *a;
    packed.key_type = LOCI_BF16;
    memset(panels, 0, (size_t)bytes);
    for (int64_t i = 0; i < matrices * rows * a->key_dim; i++) {
        int64_t row = i / a->key_dim;
        panels[key_at(&packed, row / rows, row % rows, (int)(i % a->key_dim))] =
            loci_to_bf16(((float *)a->keys.data)[i]);
    }
    free(a->keys.data);
    packed.keys = span(panels, bytes);
    *a = packed;
}
static void free_retrieve(loci_retrieve_args a) {
    loci_span spans[] = {a.queries, a.keys, a.u, a.v, a.cores, a.shuffle, a.rows, a.groups, a.weights};
    for (int i = 0; i < 9; i++) {
        free(spans[i].data);
    }
}

static const double *sort_scores;
static int by_score(const void *left, const void *right) {
    int a = *(const int *)left, b = *(const int *)right;
    double x = sort_scores[a], y = sort_scores[b];
    return x > y ? -1 : x < y ? 1 : a < b ? -1 : a > b;
}
static int by_number(const void *left, const void *right) { return *(const int *)left - *(const int *)right; }

/* Inputs are small integers, so every score is exact and ties abound: the result must be the reference's to the bit. */
static void retrieve_reference_check(const loci_retrieve_args *a) {
    int axis = a->axis_keys, rank = a->rank, top = a->top, kd = a->key_dim;
    double *s[2] = {exactly((int64_t)axis * rank * 8), exactly((int64_t)axis * rank * 8)};
    double *f = exactly((int64_t)axis * 8), *g = exactly((int64_t)top * top * 8);
    int *order = exactly((int64_t)(axis > top * top ? axis : top * top) * 4), *chosen[2];
    chosen[0] = exactly(top * 4);
    chosen[1] = exactly(top * 4);
    for (int item = 0; item < a->tokens * a->heads; item++) {
        int t = item / a->heads, h = item % a->heads;
        for (int side = 0; side < 2; side++) {
            const float *q = (float *)a->queries.data + ((int64_t)t * 2 + side) * kd;
            const float *factor = (float *)(side ? a->v.data : a->u.data) + h * rank;
            for (int j = 0; j < axis; j++) {
                f[j] = 0;
                for (int p = 0; p < rank; p++) {
                    double sum = 0;
                    for (int i = 0; i < kd; i++) {
                        sum += q[i] * key_value(a, h * 2 + side, j * rank + p, i);
                    }
                    s[side][j * rank + p] = sum;
                    f[j] += factor[p] * sum;
                }
                order[j] = j;
            }
            sort_scores = f;
            qsort(order, (size_t)axis, sizeof *order, by_score);
            memcpy(chosen[side], order, (size_t)top * 4);
            qsort(chosen[side], (size_t)top, sizeof *order, by_number);
        }
        const float *core = a->cores.data;
        for (int cell = 0; cell < top * top; cell++) {
            g[cell] = 0;
            order[cell] = cell;
            for (int c = 0; c < a->core_count; c++) {
                for (int pq = 0; pq < rank * rank; pq++) {
                    g[cell] += s[0][chosen[0][cell / top] * rank + pq / rank] *
                               core[(c * a->heads + h) * rank * rank + pq] *
                               s[1][chosen[1][cell % top] * rank + pq % rank];
                }
            }
        }
        sort_scores = g;
        qsort(order, (size_t)(top * top), sizeof *order, by_score);
        for (int k = 0; k < top; k++) {
            int i = chosen[0][order[k] / top], j = chosen[1][order[k] % top];
            int id = ((int32_t *)a->shuffle.data)[(int64_t)i * axis + j];
            CHECK(((int32_t *)a->rows.data)[item * top + k] == id % a->table_rows);
            CHECK(((int32_t *)a->groups.data)[item * top + k] == id / a->table_rows);
            for (int c = 0; c < a->core_count; c++) {
                double want = 0;
                for (int pq = 0; pq < rank * rank; pq++) {
                    want += s[0][i * rank + pq / rank] * core[(c * a->heads + h) * rank * rank + pq] *
                            s[1][j * rank + pq % rank];
                }
                CHECK(((float *)a->weights.data)[(item * top + k) * a->core_count + c] == want);
            }
        }
    }
    free(s[0]);
    free(s[1]);
    free(f);
    free(g);
    free(order);
    free(chosen[0]);
    free(chosen[1]);
}

static bool retrieve_bands(const loci_retrieve_args *a) {
    return band_intact(a->rows.data, a->rows.bytes) && band_intact(a->groups.data, a->groups.bytes) &&
           band_intact(a->weights.data, a->weights.bytes);
}

/* Scores of fractions: bf16 products of rounded queries differ from the sums in double precision by rounding alone. */
static void retrieve_scores_check(const loci_retrieve_args *a) {
    int rank = a->rank, kd = a->key_dim;
    const float *weights = a->weights.data, *queries = a->queries.data;
    const int32_t *rows = a->rows.data, *groups = a->groups.data, *shuffle = a->shuffle.data;
    for (int64_t k = 0; k < (int64_t)a->tokens * a->heads * a->top; k++) {
        int64_t head = k / a->top % a->heads, token = k / a->top / a->heads, slot = 0;
        while (shuffle[slot] != rows[k] + groups[k] * a->table_rows) {
            slot++;
        }
        double s[2][8] = {{0}};
        for (int side = 0; side < 2; side++) {
            int64_t j = side == 0 ? slot / a->axis_keys : slot % a->axis_keys;
            for (int i = 0; i < kd * rank; i++) {
                float q = queries[(token * 2 + side) * kd + i % kd];
                s[side][i / kd] += (a->key_type == LOCI_BF16 ? bf16_value(loci_to_bf16(q)) : (double)q) *
                                   key_value(a, head * 2 + side, j * rank + i / kd, i % kd);
            }
        }
        for (int c = 0; c < a->core_count; c++) {
            double want = 0;
            for (int pq = 0; pq < rank * rank; pq++) {
                want += s[0][pq / rank] * s[1][pq % rank] *
                        ((float *)a->cores.data)[(c * a->heads + head) * rank * rank + pq];
            }
            CHECK_CLOSE(weights[k * a->core_count + c], want,
                        (2 * kd + rank * rank + 8) * 0x1p-23 * kd * kd * rank * rank);
        }
    }
}

static void test_retrieve(int backend, int32_t key_type) {
    static const int shapes[][7] = {/* tokens, heads, axis, key_dim, rank, cores, top */
                                    {1, 1, 1, 1, 1, 1, 1},    {3, 1, 5, 3, 1, 2, 5},     {2, 2, 67, 17, 2, 2, 9},
                                    {5, 2, 130, 8, 2, 2, 32}, {17, 1, 200, 16, 3, 1, 7}, {2, 3, 64, 33, 8, 8, 64},
                                    {9, 2, 300, 64, 2, 2, 42}};
    for (unsigned s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        const int *n = shapes[s];
        for (int integers = 1; integers <= 3; integers += 2) {
            loci_retrieve_args a = new_retrieve(n[0], n[1], n[2], n[3], n[4], n[5], n[6], integers);
            if (key_type == LOCI_BF16) {
                pack_keys(&a);
            }
            CHECK(loci_retrieve(contexts[backend][s % THREADS], &a) == 0);
            CHECK(retrieve_bands(&a));
            retrieve_reference_check(&a);
            free_retrieve(a);
        }
        /* fractions: a token's result has the same bits alone and among others, from one thread and from three */
        loci_retrieve_args a = new_retrieve(n[0], n[1], n[2], n[3], n[4], n[5], n[6], 0);
        if (key_type == LOCI_BF16) {
            pack_keys(&a);
        }
        int64_t hits = (int64_t)a.heads * a.top, bytes = hits * 4;
        loci_retrieve_args one = a;
        CHECK(loci_retrieve(contexts[backend][2], &a) == 0);
        retrieve_scores_check(&a);
        one.tokens = 1;
        one.rows = span(output(bytes), bytes);
        one.groups = span(output(bytes), bytes);
        one.weights = span(output(bytes * a.core_count), bytes * a.core_count);
        for (int t = 0; t < a.tokens; t++) {
            one.queries = span((float *)a.queries.data + (int64_t)t * 2 * a.key_dim, 8 * a.key_dim);
            CHECK(loci_retrieve(contexts[backend][0], &one) == 0);
            CHECK(memcmp(one.rows.data, (int32_t *)a.rows.data + t * hits, (size_t)bytes) == 0);
            CHECK(memcmp(one.groups.data, (int32_t *)a.groups.data + t * hits, (size_t)bytes) == 0);
            CHECK(memcmp(one.weights.data, (float *)a.weights.data + t * hits * a.core_count,
                         (size_t)(bytes * a.core_count)) == 0);
        }
        /* NaN: nothing breaks, indices stay in range */
        ((float *)a.queries.data)[0] = NAN;
        if (key_type == LOCI_BF16) {
            ((uint16_t *)a.keys.data)[0] = 0x7fc0;
        } else {
            ((float *)a.keys.data)[0] = NAN;
        }
        CHECK(loci_retrieve(contexts[backend][1], &a) == 0 && retrieve_bands(&a));
        for (int64_t k = 0; k < hits * a.tokens; k++) {
            CHECK(((int32_t *)a.rows.data)[k] >= 0 && ((int32_t *)a.rows.data)[k] < a.table_rows);
            CHECK(((int32_t *)a.groups.data)[k] >= 0 && ((int32_t *)a.groups.data)[k] < a.group_count);
        }
        for (int64_t i = 0; i < (int64_t)a.axis_keys * a.axis_keys; i++) {
            ((int32_t *)a.shuffle.data)[i] = (int32_t)(a.table_rows * a.group_count);
        }
        CHECK(loci_retrieve(contexts[backend][1], &a) == LOCI_STATUS(6, LOCI_E_INDEX));
        a.keys.bytes--;
        CHECK(loci_retrieve(contexts[backend][1], &a) == LOCI_STATUS(2, LOCI_E_SMALL));
        a.keys.bytes++;
        a.key_type = LOCI_I8;
        CHECK(loci_retrieve(contexts[backend][1], &a) == LOCI_STATUS(19, LOCI_E_UNSUPPORTED));
        a.key_type = key_type;
        a.reserved = 1;
        CHECK(loci_retrieve(contexts[backend][1], &a) == LOCI_STATUS(20, LOCI_E_RANGE));
        a.reserved = 0;
        a.top = a.axis_keys + 1;
        CHECK(loci_retrieve(contexts[backend][1], &a) == LOCI_STATUS(17, LOCI_E_RANGE));
        a.top = 1;
        a.axis_keys = 46341;
        CHECK(loci_retrieve(contexts[backend][1], &a) == LOCI_STATUS(13, LOCI_E_RANGE));
        a.axis_keys = 46340;
        CHECK(loci_retrieve(contexts[backend][1], &a) == LOCI_STATUS(2, LOCI_E_SMALL));
        free(one.rows.data);
        free(one.groups.data);
        free(one.weights.data);
        free_retrieve(a);
    }
}

static void test_pool(int backend) {
    static const int types[] = {LOCI_F32, LOCI_BF16, LOCI_F16, LOCI_I8, LOCI_I4};
    static const int shapes[][5] = {/* dim, cores, groups, hits, tokens */
                                    {2, 1, 1, 3, 1},     {6, 3, 2, 0, 2},    {34, 2, 4, 19, 3},  {66, 1, 3, 40, 2},
                                    {1024, 2, 4, 84, 1}, {260, 4, 2, 33, 9}, {130, 2, 1, 17, 20}};
    for (unsigned s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (int k = 0; k < 5; k++) {
            int dim = shapes[s][0], cores = shapes[s][1], groups = shapes[s][2], hits = shapes[s][3];
            int tokens = shapes[s][4], type = types[k], table_rows = 50;
            int row_bytes = type == LOCI_F32  ? dim * 4
                            : type == LOCI_I8 ? dim + 4
                            : type == LOCI_I4 ? dim / 2 + 4
                                              : dim * 2;
            int stride = row_bytes + (s % 2 ? 0 : 3); /* odd: rows need no alignment */
            int cuts[4] = {0, 17, 18, 50}, part_count = s % 3 ? 3 : 1;
            loci_table_part *parts = exactly(part_count * (int64_t)sizeof *parts);
            const uint8_t *row_at[50];
            for (int p = 0; p < part_count; p++) {
                int first = part_count == 1 ? 0 : cuts[p], end = part_count == 1 ? table_rows : cuts[p + 1];
                int64_t bytes = (int64_t)(end - first - 1) * stride + row_bytes;
                uint8_t *data = exactly(bytes);
                for (int64_t i = 0; i < bytes; i++) {
                    data[i] = (uint8_t)next_random();
                }
                for (int r = first; r < end; r++) {
                    uint8_t *row = data + (int64_t)(r - first) * stride;
                    row_at[r] = row;
                    for (int i = 0; i < dim && type <= LOCI_F16; i++) {
                        float value = uniform();
                        uint16_t half = type == LOCI_F16 ? loci_to_f16(value) : loci_to_bf16(value);
                        memcpy(row + (type == LOCI_F32 ? 4 : 2) * i, type == LOCI_F32 ? (void *)&value : (void *)&half,
                               type == LOCI_F32 ? 4 : 2);
                    }
                    float scale = uniform() * 0.01f;
                    memcpy(row + row_bytes - 4, &scale, type >= LOCI_I8 ? 4 : 0);
                }
                parts[p] = (loci_table_part){data, bytes, first, end - first};
            }
            int64_t n = (int64_t)tokens * hits, out_bytes = (int64_t)tokens * groups * dim * 4;
            int32_t *rows = exactly(n * 4), *group = exactly(n * 4);
            for (int64_t i = 0; i < n; i++) {
                rows[i] = below(table_rows);
                group[i] = below(groups);
            }
            float *weights = floats(n * cores), *out = output(out_bytes);
            loci_pool_args a = {.parts = span(parts, part_count * (int64_t)sizeof *parts),
                                .rows = span(rows, n * 4),
                                .groups = span(group, n * 4),
                                .weights = span(weights, n * cores * 4),
                                .out = span(out, out_bytes),
                                .stride = stride,
                                .part_count = part_count,
                                .dim = dim,
                                .type = type,
                                .tokens = tokens,
                                .hits = hits,
                                .core_count = cores,
                                .group_count = groups};
            CHECK(loci_pool(contexts[backend][0], &a) == 0);
            CHECK(band_intact(out, out_bytes));
            for (int64_t i = 0; i < out_bytes / 4; i++) {
                int t = (int)(i / dim / groups), g = (int)(i / dim % groups), d = (int)(i % dim);
                double want = 0, size = 0;
                for (int h = 0; h < hits; h++) {
                    int64_t at = (int64_t)t * hits + h;
                    if (group[at] == g) {
                        const uint8_t *row = row_at[rows[at]];
                        double scale = type >= LOCI_I8 ? loci_read_f32(row + row_bytes - 4) : 1;
                        double term = weights[at * cores + d / (dim / cores)] * scale * element(row, d, dim, type);
                        want += term;
                        size += fabs(term);
                    }
                }
                CHECK_CLOSE(out[i], want, (hits + 2) * 0x1p-23 * size);
            }
            float *again = output(out_bytes);
            a.out = span(again, out_bytes);
            int64_t unique = -1, distinct = 0;
            for (int row = 0; row < table_rows; row++) {
                bool hit = false;
                for (int64_t i = 0; i < n; i++) {
                    hit |= rows[i] == row;
                }
                distinct += hit;
            }
            a.unique_rows = &unique;
            CHECK(loci_pool(contexts[backend][2], &a) == 0 && memcmp(again, out, (size_t)out_bytes) == 0);
            CHECK(unique == distinct);
            for (int t = 0; t < tokens && hits > 0; t++) { /* a token alone */
                loci_pool_args one = a;
                one.tokens = 1;
                one.rows = span(rows + t * hits, hits * 4);
                one.groups = span(group + t * hits, hits * 4);
                one.weights = span(weights + (int64_t)t * hits * cores, (int64_t)hits * cores * 4);
                one.out = span(again, (int64_t)groups * dim * 4);
                CHECK(loci_pool(contexts[backend][1], &one) == 0);
                CHECK(memcmp(again, out + (int64_t)t * groups * dim, (size_t)one.out.bytes) == 0);
            }
            if (n > 0) {
                rows[n - 1] = table_rows;
                CHECK(loci_pool(contexts[backend][0], &a) == LOCI_STATUS(2, LOCI_E_INDEX));
                rows[n - 1] = 0;
                group[0] = -1;
                CHECK(loci_pool(contexts[backend][0], &a) == LOCI_STATUS(3, LOCI_E_INDEX));
                group[0] = 0;
            }
            parts[0].bytes -= 1;
            CHECK(loci_pool(contexts[backend][0], &a) == LOCI_STATUS(1, LOCI_E_SMALL));
            parts[0].bytes += 1;
            parts[part_count - 1].first_row += 1;
            CHECK(loci_pool(contexts[backend][0], &a) == LOCI_STATUS(1, LOCI_E_RANGE));
            for (int p = 0; p < part_count; p++) {
                free((void *)parts[p].data);
            }
            free(parts);
            free(rows);
            free(group);
            free(weights);
            free(out);
            free(again);
        }
    }
}

/* ---- sampling ---- */

static const loci_sample_row plain_row = {
    .temperature = 1, .top_p = 1, .repetition_penalty = 1, .given = -1, .alternatives = -1};

typedef struct {
    int32_t id;
    float x;
} candidate;

static int by_logit(const void *a, const void *b) {
    const candidate *p = a, *q = b;
    return p->x > q->x ? -1 : p->x < q->x ? 1 : p->id - q->id;
}

static int by_id(const void *a, const void *b) { return ((const candidate *)a)->id - ((const candidate *)b)->id; }

/* Whether the header's formulas give this id, the place of the draw being right to 1e-5. */
static bool may_draw(const loci_sample_args *a, const loci_sample_row *row, const float *logits, int32_t id) {
    int n = a->vocab_size, kept = 0, taken = 0;
    candidate *all = exactly(n * (int64_t)sizeof *all);
    for (int i = 0; i < n; i++) {
        const int32_t *history = (const int32_t *)a->history.data + row->history;
        int in_answer = 0, in_prompt = 0;
        for (int k = 0; k < row->prompt_count + row->answer_count; k++) {
            in_prompt += k < row->prompt_count && history[k] == i;
            in_answer += k >= row->prompt_count && history[k] == i;
        }
        double x = logits[i];
        if (in_prompt || in_answer) {
            x = x > 0 ? x / row->repetition_penalty : x * row->repetition_penalty;
            x = x - row->frequency_penalty * in_answer - (in_answer ? row->presence_penalty : 0);
        }
        all[i] = (candidate){i, (float)x};
        for (int k = 0; k < row->bias_count; k++) {
            if (((int32_t *)a->bias_ids.data)[row->bias + k] == i) {
                all[i].x = (float)((double)all[i].x + ((double *)a->biases.data)[row->bias + k]);
            }
        }
        for (int k = 0; k < row->suppressed_count; k++) {
            if (((int32_t *)a->suppressed.data)[row->suppressed + k] == i) {
                all[i].x = -INFINITY;
            }
        }
        if (row->masked && !(((uint64_t *)a->masks.data)[row->mask + i / 64] >> i % 64 & 1)) {
            all[i].x = -INFINITY;
        }
    }
    qsort(all, (size_t)n, sizeof *all, by_logit);
    bool fine = all[0].id == id;
    if (row->temperature > 0) {
        double max = all[0].x, total = 0, reached = 0, sum = 0;
        while (kept < n && all[kept].x > -INFINITY && (row->top_k == 0 || kept < row->top_k) &&
               (row->min_p == 0 || (all[kept].x - max) / row->temperature >= log(row->min_p))) {
            total += exp((all[kept++].x - max) / row->temperature);
        }
        while (taken < kept && (row->top_p == 1 || reached < row->top_p * total)) {
            reached += exp((all[taken++].x - max) / row->temperature);
        }
        if (row->top_p < 1 && taken < kept) { /* whether the last is needed may turn on rounding */
            taken++;
        }
        if (row->top_p == 1 && row->top_k == 0) {
            qsort(all, (size_t)taken, sizeof *all, by_id);
        }
        fine = false;
        for (int i = 0; i < taken; i++) {
            double before = sum;
            sum += exp((all[i].x - max) / row->temperature);
            double target = row->draw * reached, slack = 1e-5 * total;
            fine |= all[i].id == id && before - slack <= target && target <= sum + slack;
        }
    }
    free(all);
    return fine;
}

static void test_sample(int backend) {
    enum { ROWS = 40, TOP = 7 };
    static const int sizes[] = {2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 255, 257, 1023, 2500, 9000};
    for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        int vocab = sizes[s], columns = vocab + (int)(s % 3);
        int64_t count = (int64_t)ROWS * columns;
        float *logits = floats(count);
        for (int64_t i = 0; i < count; i++) {
            float spread = i / columns % 3 == 0 ? 3 : 20;
            logits[i] = i % columns >= vocab ? NAN : i / columns % 4 == 1 ? (float)below(4) : logits[i] * spread;
        }
        enum { HISTORY = 30, SHARED = 5 };
        int32_t history[HISTORY], bias_ids[SHARED], suppressed[SHARED];
        double biases[SHARED];
        for (int i = 0; i < HISTORY; i++) {
            history[i] = below(vocab);
        }
        for (int i = 0; i < SHARED; i++) {
            bias_ids[i] = below(vocab);
            suppressed[i] = below(vocab);
            biases[i] = 5 * (double)uniform();
        }
        int64_t words = (vocab + 63) / 64;
        uint64_t *masks = exactly((words + 1) * 8);
        for (int64_t w = 0; w <= words; w++) {
            masks[w] = (uint64_t)below(1 << 16) << 48 | (uint64_t)below(1 << 16) << 20 | (uint64_t)below(1 << 16);
        }
        masks[0] |= masks[1] |= 1;
        loci_sample_row rows[ROWS];
        for (int r = 0; r < ROWS; r++) {
            rows[r] = plain_row;
            rows[r].masked = r % 10 == 4;
            rows[r].mask = r % 20 == 4;
            rows[r].temperature = r % 5 == 0 ? 0 : 0.2 + (double)below(100) / 50;
            rows[r].draw = (double)below(1000) / 1000;
            rows[r].top_k = r % 3 == 0 ? 1 + below(vocab + 5) : 0;
            rows[r].top_p = r % 2 == 0 ? (1 + below(1000)) / 1000.0 : 1;
            rows[r].min_p = r % 7 == 0 ? below(1000) / 1000.0 : 0;
            rows[r].alternatives = r % 4 == 0 ? -1 : below(TOP + 1);
            rows[r].given = r % 9 == 8 ? below(vocab) : -1;
            if (r % 3 == 1) {
                rows[r].repetition_penalty = 1.3;
                rows[r].presence_penalty = 0.5;
                rows[r].frequency_penalty = -0.25;
                rows[r].history = below(10);
                rows[r].prompt_count = below(10);
                rows[r].answer_count = below(10);
            }
            rows[r].bias_count = r % 4 == 2 ? SHARED - 1 : 0;
            rows[r].bias = r % 8 == 2;
            rows[r].suppressed_count = r % 6 == 5 && vocab > SHARED ? SHARED : 0;
        }
        int32_t *ids = output(ROWS * 4), *top_ids = output(ROWS * TOP * 4);
        double *logprobs = output(ROWS * 8), *top_logprobs = output(ROWS * TOP * 8);
        loci_sample_args a = {.logits = span(logits, count * 4),
                              .rows = span(rows, sizeof rows),
                              .history = span(history, sizeof history),
                              .bias_ids = span(bias_ids, sizeof bias_ids),
                              .biases = span(biases, sizeof biases),
                              .suppressed = span(suppressed, sizeof suppressed),
                              .ids = span(ids, ROWS * 4),
                              .logprobs = span(logprobs, ROWS * 8),
                              .top_ids = span(top_ids, ROWS * TOP * 4),
                              .top_logprobs = span(top_logprobs, ROWS * TOP * 8),
                              .row_count = ROWS,
                              .columns = columns,
                              .vocab_size = vocab,
                              .top = TOP,
                              .masks = span(masks, (words + 1) * 8)};
        CHECK(loci_sample(contexts[backend][0], &a) == 0);
        CHECK(band_intact(ids, ROWS * 4) && band_intact(top_ids, ROWS * TOP * 4));
        CHECK(band_intact(logprobs, ROWS * 8) && band_intact(top_logprobs, ROWS * TOP * 8));
        candidate *sorted = exactly(vocab * (int64_t)sizeof *sorted);
        for (int r = 0; r < ROWS; r++) {
            const float *x = logits + (int64_t)r * columns;
            CHECK(rows[r].given >= 0 ? ids[r] == rows[r].given : may_draw(&a, &rows[r], x, ids[r]));
            double sum = 0;
            for (int i = 0; i < vocab; i++) {
                sorted[i] = (candidate){i, x[i]};
            }
            qsort(sorted, (size_t)vocab, sizeof *sorted, by_logit);
            double max = sorted[0].x;
            for (int i = vocab - 1; i > 0; i--) {
                sum += exp(sorted[i].x - max);
            }
            for (int i = 0; i < rows[r].alternatives && i < vocab; i++) {
                double want = sorted[i].x - max - log1p(sum);
                CHECK(top_ids[r * TOP + i] == sorted[i].id);
                CHECK_CLOSE(top_logprobs[r * TOP + i], want, 1e-6 * fabs(want) + 1e-15);
            }
            if (rows[r].alternatives >= 0) {
                double want = x[ids[r]] - max - log1p(sum);
                CHECK_CLOSE(logprobs[r], want, 1e-6 * fabs(want) + 1e-15);
            }
        }
        for (int threads = 1; threads < THREADS; threads++) {
            int32_t *again = output(ROWS * 4);
            double *more = output(ROWS * 8);
            loci_sample_args b = a;
            b.ids = span(again, ROWS * 4);
            b.logprobs = span(more, ROWS * 8);
            CHECK(loci_sample(contexts[backend][threads], &b) == 0);
            CHECK(memcmp(again, ids, ROWS * 4) == 0 && memcmp(more, logprobs, ROWS * 8) == 0);
            for (int r = 0; r < ROWS; r++) { /* a row alone */
                loci_sample_args one = b;
                one.logits = span(logits + (int64_t)r * columns, columns * 4);
                one.rows = span(rows + r, sizeof *rows);
                one.row_count = 1;
                one.ids.bytes = 4;
                one.logprobs.bytes = 8;
                CHECK(loci_sample(contexts[backend][threads], &one) == 0);
                CHECK(again[0] == ids[r] && (rows[r].alternatives < 0 || more[0] == logprobs[r]));
            }
            free(again);
            free(more);
        }
        logits[columns + vocab - 1] = INFINITY;
        logits[2 * columns + vocab / 2] = NAN;
        logits[3 * columns] = -INFINITY;
        int32_t before = ids[4];
        CHECK(loci_sample(contexts[backend][1], &a) == 0);
        CHECK(ids[1] == -1 && ids[2] == -1 && ids[3] == -1 && ids[0] >= 0 && ids[4] == before);
        free(masks);
        free(logits);
        free(ids);
        free(top_ids);
        free(logprobs);
        free(top_logprobs);
        free(sorted);
    }
}

/* Extremes, and what is refused. */
static void test_sample_borders(int backend) {
    loci_context *c = contexts[backend][0];
    float logits[4] = {0, 2, 2, -1};
    int32_t ids[2] = {-7, -7}, history[3] = {1, 1, 0}, top_ids[4];
    double logprobs[2], top_logprobs[4], biases[1] = {100};
    uint64_t masks[3] = {0x8, 0xfffffffffffffff0, 0x6};
    loci_sample_row row = plain_row;
    loci_sample_args good = {.logits = span(logits, 16),
                             .rows = span(&row, sizeof row),
                             .history = span(history, 12),
                             .bias_ids = span(history + 2, 4),
                             .biases = span(biases, 8),
                             .suppressed = span(history, 12),
                             .ids = span(ids, 4),
                             .logprobs = span(logprobs, 8),
                             .top_ids = span(top_ids, 16),
                             .top_logprobs = span(top_logprobs, 32),
                             .row_count = 1,
                             .columns = 4,
                             .vocab_size = 4,
                             .top = 4,
                             .masks = span(masks, sizeof masks)};
#define ROW_GIVES(change, id)                                                                                          \
    do {                                                                                                               \
        row = plain_row;                                                                                               \
        change;                                                                                                        \
        CHECK(loci_sample(c, &good) == 0 && ids[0] == (id));                                                           \
    } while (0)
#define ROW_FAILS(change, status)                                                                                      \
    do {                                                                                                               \
        row = plain_row;                                                                                               \
        change;                                                                                                        \
        ids[0] = -7;                                                                                                   \
        CHECK(loci_sample(c, &good) == (status) && ids[0] == -7);                                                      \
    } while (0)
    ROW_GIVES(row.temperature = 0, 1);
    ROW_GIVES(row.temperature = 5e-324, 1);
    ROW_GIVES((row.temperature = 5e-324, row.draw = 0.75), 2);
    ROW_GIVES(row.draw = 0, 0);
    ROW_GIVES(row.draw = 0x1.fffffffffffffp-1, 3);
    ROW_GIVES((row.temperature = 0, row.bias_count = 1), 0);
    ROW_GIVES((row.temperature = 0, row.suppressed_count = 1), 2);
    ROW_GIVES((row.draw = 0, row.suppressed_count = 3), 2);
    ROW_GIVES((row.draw = 0, row.masked = 1), 3);
    ROW_GIVES((row.temperature = 0, row.masked = 1), 3);
    ROW_GIVES((row.draw = 0, row.masked = 1, row.mask = 2), 1);
    ROW_GIVES((row.draw = 0.999, row.masked = 1, row.mask = 2), 2);
    ROW_GIVES((row.temperature = 0, row.masked = 1, row.mask = 2, row.suppressed_count = 1), 2);
    ROW_FAILS((row.masked = 1, row.mask = 1), LOCI_STATUS(15, LOCI_E_RANGE));
    ROW_FAILS((row.masked = 1, row.suppressed_count = 1), LOCI_STATUS(15, LOCI_E_RANGE));
    ROW_FAILS((row.masked = 1, row.mask = 3), LOCI_STATUS(15, LOCI_E_SMALL));
    ROW_FAILS((row.masked = 1, row.mask = -1), LOCI_STATUS(15, LOCI_E_SMALL));
    ROW_FAILS(row.masked = 2, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_GIVES((row.draw = 0, row.min_p = 1), 1);
    ROW_GIVES((row.draw = 0.999, row.min_p = 1), 2);
    ROW_GIVES((row.draw = 0.999, row.top_k = 1), 1);
    ROW_GIVES((row.draw = 0.999, row.top_p = 1e-6), 1);
    ROW_GIVES((row.draw = 0.999, row.top_k = INT32_MAX, row.top_p = 0.999999), 3);
    ROW_GIVES((row.temperature = 0, row.answer_count = 1, row.presence_penalty = 0.5), 2);
    ROW_GIVES((row.temperature = 0, row.prompt_count = 1, row.presence_penalty = 0.5), 1);
    ROW_GIVES((row.temperature = 0, row.prompt_count = 1, row.repetition_penalty = 1e-300), 1);
    logits[0] = logits[3] = -FLT_MAX;
    logits[1] = logits[2] = FLT_MAX;
    row = plain_row;
    row.alternatives = 4;
    CHECK(loci_sample(c, &good) == 0);
    CHECK(top_ids[0] == 1 && top_ids[1] == 2 && top_ids[2] == 0 && top_ids[3] == 3);
    CHECK_CLOSE(top_logprobs[1], -log(2), 1e-12);
    logits[0] = logits[2] = -0.0f;
    logits[1] = logits[3] = 0.0f;
    CHECK(loci_sample(c, &good) == 0 && top_ids[0] == 0 && top_ids[1] == 1);
    ROW_GIVES(row.temperature = 0, 0);

    ROW_FAILS(row.temperature = NAN, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.temperature = INFINITY, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.top_p = NAN, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.top_p = 0, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.min_p = NAN, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.repetition_penalty = NAN, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.repetition_penalty = 0, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.presence_penalty = NAN, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.frequency_penalty = INFINITY, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.draw = 1, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.draw = NAN, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.top_k = -1, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.alternatives = 5, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.given = 4, LOCI_STATUS(2, LOCI_E_INDEX));
    ROW_FAILS(row.prompt_count = -1, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.prompt_count = row.answer_count = INT32_MAX, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.suppressed_count = 4, LOCI_STATUS(2, LOCI_E_RANGE));
    ROW_FAILS(row.prompt_count = 4, LOCI_STATUS(3, LOCI_E_SMALL));
    ROW_FAILS((row.answer_count = 1, row.history = 3), LOCI_STATUS(3, LOCI_E_SMALL));
    ROW_FAILS((row.answer_count = 1, row.history = -1), LOCI_STATUS(3, LOCI_E_SMALL));
    ROW_FAILS((row.answer_count = 1, row.history = INT64_MAX), LOCI_STATUS(3, LOCI_E_SMALL));
    ROW_FAILS(row.bias_count = 2, LOCI_STATUS(4, LOCI_E_SMALL));
    ROW_FAILS((row.suppressed_count = 1, row.suppressed = 3), LOCI_STATUS(6, LOCI_E_SMALL));
    history[2] = 4;
    ROW_FAILS(row.prompt_count = 3, LOCI_STATUS(3, LOCI_E_INDEX));
    ROW_FAILS(row.bias_count = 1, LOCI_STATUS(4, LOCI_E_INDEX));
    ROW_FAILS(row.suppressed_count = 3, LOCI_STATUS(6, LOCI_E_INDEX));
    history[2] = 0;
    biases[0] = NAN;
    ROW_FAILS(row.bias_count = 1, LOCI_STATUS(5, LOCI_E_RANGE));
    row = plain_row;
    loci_sample_args a = good;
    a.vocab_size = 5;
    CHECK(loci_sample(c, &a) == LOCI_STATUS(13, LOCI_E_RANGE));
    a = good;
    a.logits.bytes = 15;
    CHECK(loci_sample(c, &a) == LOCI_STATUS(1, LOCI_E_SMALL));
    a = good;
    a.top_logprobs.bytes = 31;
    CHECK(loci_sample(c, &a) == LOCI_STATUS(10, LOCI_E_SMALL));
    a = good;
    a.row_count = 0;
    CHECK(loci_sample(c, &a) == 0 && loci_sample(c, NULL) == LOCI_STATUS(0, LOCI_E_NULL));
}

/* ---- borders of the rest ---- */

static void test_limits(int backend) {
    enum { LINES = 70000, ROW = 192, ODD = 136, COUNT = 9000 };
    int64_t bytes = LINES * 64, result = 0, want = 0;
    int64_t *data = exactly(bytes);
    for (int i = 0; i < LINES * 8; i++) {
        data[i] = (int64_t)((uint64_t)next_random() << 32 | next_random());
        want ^= data[i];
    }
    int32_t *rows = exactly(COUNT * 4), bad = (int32_t)(bytes / ROW);
    int64_t want_rows = 0, want_odd = 0;
    for (int i = 0; i < COUNT; i++) {
        rows[i] = below(bad);
        for (int k = 0; k < ROW / 8; k++) {
            want_rows ^= data[rows[i] * (ROW / 8) + k];
        }
        for (int k = 0; k < ODD / 8; k++) {
            want_odd ^= data[rows[i] * (ODD / 8 + 1) + k];
        }
    }
    for (int threads = 0; threads < THREADS; threads++) {
        loci_context *c = contexts[backend][threads];
        loci_limit_args a = {span(data, bytes), span(rows, COUNT * 4), &result, 1000, LOCI_LIMIT_READ, ROW, 0, ROW};
        CHECK(loci_limit(c, &a) == 0 && result == want);
        a.kind = LOCI_LIMIT_ROWS;
        for (a.ahead = 0; a.ahead <= 32; a.ahead += 16) {
            CHECK(loci_limit(c, &a) == 0 && result == want_rows);
        }
        a.row_bytes = ODD;
        a.stride = ODD + 8;
        CHECK(loci_limit(c, &a) == 0 && result == want_odd);
        a.row_bytes = a.stride = ROW;
        static const int macs[LOCI_LIMIT_KINDS] = {[LOCI_LIMIT_I8] = 1024,
                                                   [LOCI_LIMIT_BF16] = 512,
                                                   [LOCI_LIMIT_TILE_I8] = 98304,
                                                   [LOCI_LIMIT_TILE_BF16] = 49152};
        for (a.kind = LOCI_LIMIT_F32; a.kind < LOCI_LIMIT_KINDS; a.kind++) {
            int32_t status = loci_limit(c, &a);
            int each = a.kind != LOCI_LIMIT_F32 ? macs[a.kind] : backend == 0 ? 64 : backend == 1 ? 128 : 256;
            CHECK(status == LOCI_STATUS(5, LOCI_E_UNSUPPORTED)
                      ? a.kind != LOCI_LIMIT_F32
                      : status == 0 && result == (int64_t)each * 1000 * 8 * (threads + 1));
        }
        CHECK(loci_limit(c, &a) == LOCI_STATUS(5, LOCI_E_RANGE));
        a.kind = LOCI_LIMIT_F32;
        a.repeats = 0;
        CHECK(loci_limit(c, &a) == LOCI_STATUS(4, LOCI_E_RANGE));
        a.kind = LOCI_LIMIT_ROWS;
        a.row_bytes = 100;
        CHECK(loci_limit(c, &a) == LOCI_STATUS(6, LOCI_E_RANGE));
        a.row_bytes = ROW;
        a.ahead = 1025;
        CHECK(loci_limit(c, &a) == LOCI_STATUS(7, LOCI_E_RANGE));
        a.ahead = 0;
        a.stride = ROW - 8;
        CHECK(loci_limit(c, &a) == LOCI_STATUS(8, LOCI_E_RANGE));
        a.stride = ROW;
        a.rows = span(&bad, 4);
        CHECK(loci_limit(c, &a) == LOCI_STATUS(2, LOCI_E_INDEX));
        a.kind = LOCI_LIMIT_READ;
        a.data.bytes = 60;
        CHECK(loci_limit(c, &a) == LOCI_STATUS(1, LOCI_E_SMALL));
    }
    free(data);
    free(rows);
}

static void test_bad_arguments(void) {
    isa_name = "-";
    loci_context *c = contexts[0][0], *opened = NULL;
    float x[64] = {0}, w[64] = {0}, out[64] = {0};
    loci_open_args open = {&opened, LOCI_ISA_GENERIC, 0, 0, 0};
    CHECK(loci_open(NULL, NULL) == LOCI_STATUS(0, LOCI_E_NULL));
    CHECK(loci_open(NULL, &open) == LOCI_STATUS(4, LOCI_E_RANGE));
    open.threads = 1025;
    CHECK(loci_open(NULL, &open) == LOCI_STATUS(4, LOCI_E_RANGE));
    open.threads = 1;
    open.isa = 9;
    CHECK(loci_open(NULL, &open) == LOCI_STATUS(2, LOCI_E_RANGE));
    open.isa = 0;
    open.flags = 1 << 20;
    CHECK(loci_open(NULL, &open) == LOCI_STATUS(3, LOCI_E_UNSUPPORTED));
    open.flags = 0;
    open.reserved = 1;
    CHECK(loci_open(NULL, &open) == LOCI_STATUS(5, LOCI_E_RANGE) && opened == NULL);
    CHECK(loci_close(NULL, NULL) == LOCI_STATUS(0, LOCI_E_NULL));

    loci_matrix m = {span(w, 64), span(NULL, 0), 4, 4, LOCI_F32, 0};
    loci_matmul_args good = {span(x, 32), m, span(out, 32), 2, LOCI_F32, 0, 0};
    CHECK(loci_matmul(c, &good) == 0);
    CHECK(loci_matmul(NULL, &good) == LOCI_STATUS(0, LOCI_E_NULL) && loci_matmul(c, NULL) == -1);
#define MATMUL_FAILS(change, status)                                                                                   \
    do {                                                                                                               \
        loci_matmul_args a = good;                                                                                     \
        change;                                                                                                        \
        CHECK(loci_matmul(c, &a) == (status));                                                                         \
    } while (0)
    MATMUL_FAILS(a.x.data = NULL, LOCI_STATUS(1, LOCI_E_NULL));
    MATMUL_FAILS(a.x.bytes = 31, LOCI_STATUS(1, LOCI_E_SMALL));
    MATMUL_FAILS(a.x.bytes = -1, LOCI_STATUS(1, LOCI_E_SMALL));
    MATMUL_FAILS(a.weights.data.bytes = 63, LOCI_STATUS(2, LOCI_E_SMALL));
    MATMUL_FAILS(a.weights.rows = 0, LOCI_STATUS(2, LOCI_E_RANGE));
    MATMUL_FAILS(a.weights.rows = a.weights.columns = INT32_MAX, LOCI_STATUS(2, LOCI_E_RANGE));
    MATMUL_FAILS(a.weights.type = LOCI_I4, LOCI_STATUS(2, LOCI_E_UNSUPPORTED));
    MATMUL_FAILS(a.weights.type = LOCI_I8, LOCI_STATUS(2, LOCI_E_NULL)); /* no scales */
    MATMUL_FAILS(a.weights.layout = 2, LOCI_STATUS(2, LOCI_E_RANGE));
    MATMUL_FAILS(a.out.bytes = 31, LOCI_STATUS(3, LOCI_E_SMALL));
    MATMUL_FAILS(a.tokens = -1, LOCI_STATUS(4, LOCI_E_RANGE));
    MATMUL_FAILS(a.tokens = INT32_MAX, LOCI_STATUS(1, LOCI_E_SMALL));
    MATMUL_FAILS(a.activations = LOCI_I8, LOCI_STATUS(5, LOCI_E_UNSUPPORTED));
    MATMUL_FAILS(a.activations = LOCI_F16, LOCI_STATUS(5, LOCI_E_UNSUPPORTED));
    MATMUL_FAILS(a.add = 2, LOCI_STATUS(6, LOCI_E_RANGE));
    MATMUL_FAILS(a.swiglu = 2, LOCI_STATUS(7, LOCI_E_RANGE));
    MATMUL_FAILS(a.add = a.swiglu = 1, LOCI_STATUS(7, LOCI_E_UNSUPPORTED));
    MATMUL_FAILS((a.weights.rows = 3, a.swiglu = 1), LOCI_STATUS(7, LOCI_E_UNSUPPORTED));
    MATMUL_FAILS((a.out.bytes = 15, a.swiglu = 1), LOCI_STATUS(3, LOCI_E_SMALL));

    loci_norm_args norm = {span(x, 64), span(w, 12), span(out, 64), 4, 4, LOCI_NORM_RMS, 1e-5f};
    CHECK(loci_norm(c, &norm) == LOCI_STATUS(2, LOCI_E_SMALL));
    norm.weight.bytes = 16;
    CHECK(loci_norm(c, &norm) == 0);
    norm.kind = 2;
    CHECK(loci_norm(c, &norm) == LOCI_STATUS(6, LOCI_E_RANGE));
    norm.kind = 0;
    norm.eps = NAN;
    CHECK(loci_norm(c, &norm) == LOCI_STATUS(7, LOCI_E_RANGE));
    loci_swiglu_args swiglu = {span(x, 64), span(out, 32), 2, 4};
    CHECK(loci_swiglu(c, &swiglu) == 0);
    swiglu.inner = 0;
    CHECK(loci_swiglu(c, &swiglu) == LOCI_STATUS(4, LOCI_E_RANGE));
    swiglu.inner = 5;
    CHECK(loci_swiglu(c, &swiglu) == LOCI_STATUS(1, LOCI_E_SMALL));
}

/* ---- mapped memory ---- */

static void test_guard(void) {
    isa_name = "-";
    char path[] = "/tmp/loci-guard-XXXXXX";
    int64_t page = sysconf(_SC_PAGESIZE), bytes = 8 * page;
    int file = mkstemp(path);
    CHECK(file >= 0 && ftruncate(file, bytes) == 0);
    unlink(path);
    uint8_t *map = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK(map != MAP_FAILED);
    memset(map, 7, (size_t)bytes);
    CHECK(loci_guard_install(NULL, NULL) == 0 && loci_guard_install(NULL, NULL) == 0);
    loci_range_args range = {map, bytes}, odd = {map + 1, bytes}, empty = {map, 0};
    CHECK(loci_guard_add(NULL, &odd) == LOCI_STATUS(1, LOCI_E_RANGE));
    CHECK(loci_guard_add(NULL, &empty) == LOCI_STATUS(2, LOCI_E_RANGE));
    CHECK(loci_guard_remove(NULL, &range) == LOCI_STATUS(1, LOCI_E_INDEX));
    CHECK(loci_guard_add(NULL, &range) == 0);
    int64_t before = -1, after = -1, resident = -1;
    loci_guard_faults_args faults = {&before};
    CHECK(loci_guard_faults(NULL, &faults) == 0 && before >= 0);

    loci_residency_args residency = {map, bytes, &resident};
    CHECK(loci_residency(NULL, &residency) == 0 && resident == bytes);
    int64_t major = -1;
    loci_major_faults_args majors = {&major};
    CHECK(loci_major_faults(NULL, &majors) == 0 && major >= 0);
    majors.faults = NULL;
    CHECK(loci_major_faults(NULL, &majors) == LOCI_STATUS(1, LOCI_E_NULL));
    for (int32_t advice = LOCI_ADVICE_RANDOM; advice <= LOCI_ADVICE_POPULATE; advice++) {
        loci_advise_args advise = {map, bytes, advice, 0};
        int32_t status = loci_advise(NULL, &advise);
        CHECK(status == 0 || (advice == LOCI_ADVICE_HUGE_PAGES && status == LOCI_STATUS(3, LOCI_E_SYSTEM)));
    }
    loci_advise_args bad = {map, bytes, 5, 0};
    CHECK(loci_advise(NULL, &bad) == LOCI_STATUS(3, LOCI_E_RANGE));

    CHECK(ftruncate(file, 5 * page) == 0);
    /* a row that lies in the lost part, read by a kernel */
    float out[16];
    int32_t row[2] = {5, 0}, group[2] = {0, 0};
    float weight[2] = {1, 1};
    loci_table_part part = {map, bytes, 0, 8};
    loci_pool_args pool = {.parts = span(&part, sizeof part),
                           .rows = span(row, 8),
                           .groups = span(group, 8),
                           .weights = span(weight, 8),
                           .out = span(out, 64),
                           .stride = page,
                           .part_count = 1,
                           .dim = 16,
                           .type = LOCI_F32,
                           .tokens = 1,
                           .hits = 2,
                           .core_count = 1,
                           .group_count = 1};
    CHECK(loci_pool(contexts[0][0], &pool) == 0 && out[3] == loci_float(0x07070707));
    faults.pages = &after;
    CHECK(loci_guard_faults(NULL, &faults) == 0 && after == before + 1);
    int sum = 0;
    for (int64_t i = 0; i < bytes; i++) {
        sum += ((volatile uint8_t *)map)[i];
    }
    CHECK(sum == 7 * 5 * page);
    CHECK(loci_guard_faults(NULL, &faults) == 0 && after == before + 3);
    CHECK(loci_guard_remove(NULL, &range) == 0);
    for (int i = 0; i < 4096; i++) {
        CHECK(loci_guard_add(NULL, &range) == 0);
    }
    CHECK(loci_guard_add(NULL, &range) == LOCI_STATUS(1, LOCI_E_MEMORY));
    for (int i = 0; i < 4096; i++) {
        CHECK(loci_guard_remove(NULL, &range) == 0);
    }
    munmap(map, (size_t)bytes);
    close(file);
}

static void test_map(void) {
    isa_name = "-";
    int64_t page = sysconf(_SC_PAGESIZE), resident = -1;
    for (int32_t huge = 0; huge <= 1; huge++) {
        for (int64_t bytes = 1; bytes <= 5 << 20; bytes = bytes * 3 + 1) {
            uint8_t *data = NULL;
            loci_map_args map = {(void **)&data, bytes, huge, 0};
            CHECK(loci_map(NULL, &map) == 0 && data != NULL);
            CHECK((uintptr_t)data % (uintptr_t)(huge ? 2 << 20 : page) == 0);
            CHECK(data[0] == 0 && data[bytes - 1] == 0);
            memset(data, 1, (size_t)bytes);
            loci_residency_args residency = {data, bytes, &resident};
            CHECK(loci_residency(NULL, &residency) == 0 && resident >= bytes);
            loci_range_args range = {data, bytes}, odd = {data + 1, bytes}, empty = {data, 0};
            CHECK(loci_unmap(NULL, &odd) == LOCI_STATUS(1, LOCI_E_RANGE));
            CHECK(loci_unmap(NULL, &empty) == LOCI_STATUS(2, LOCI_E_RANGE));
            CHECK(loci_unmap(NULL, &range) == 0);
        }
    }
    void *data = NULL;
    loci_map_args map = {NULL, 1, 0, 0};
    CHECK(loci_map(NULL, NULL) == LOCI_STATUS(0, LOCI_E_NULL));
    CHECK(loci_map(NULL, &map) == LOCI_STATUS(1, LOCI_E_NULL));
    map.data = &data;
    map.bytes = 0;
    CHECK(loci_map(NULL, &map) == LOCI_STATUS(2, LOCI_E_RANGE));
    map.bytes = INT64_MAX;
    CHECK(loci_map(NULL, &map) == LOCI_STATUS(2, LOCI_E_RANGE));
    map.bytes = INT64_MAX / 4;
    CHECK(loci_map(NULL, &map) == LOCI_STATUS(2, LOCI_E_MEMORY));
    map.bytes = 1;
    map.huge_pages = 2;
    CHECK(loci_map(NULL, &map) == LOCI_STATUS(3, LOCI_E_RANGE));
    map.huge_pages = 0;
    map.reserved = 1;
    CHECK(loci_map(NULL, &map) == LOCI_STATUS(4, LOCI_E_RANGE));
    CHECK(data == NULL);
}

int main(void) {
    int32_t version = 0, cores = 0;
    int64_t flags = 0;
    loci_cpu_args cpu = {&version, &flags, &cores};
    CHECK(loci_cpu(NULL, &cpu) == 0 && version == LOCI_ABI_VERSION && cores >= 1);
    for (int b = 0; b < BACKENDS; b++) {
        if (backends[b].flags & ~flags) {
            printf("skipped: %s, which this CPU lacks\n", backends[b].name);
            continue;
        }
        for (int threads = 1; threads <= THREADS; threads++) {
            loci_open_args open = {&contexts[b][threads - 1], backends[b].isa, backends[b].flags, threads, 0};
            CHECK(loci_open(NULL, &open) == 0);
        }
    }
    test_numbers();
    for (int b = 0; b < BACKENDS; b++) {
        if (contexts[b][0] == NULL) {
            continue;
        }
        isa_name = backends[b].name;
        test_matmul(b);
        test_embed(b);
        test_norm(b);
        test_swiglu(b);
        test_attention(b);
        test_long_attention(b);
        test_retrieve(b, LOCI_F32);
        test_retrieve(b, LOCI_BF16);
        test_pool(b);
        test_sample(b);
        test_sample_borders(b);
        test_limits(b);
    }
    test_matmul_large();
    test_cache_bits();
    test_bad_arguments();
    test_guard();
    test_map();
    for (int b = 0; b < BACKENDS; b++) {
        for (int threads = 0; threads < THREADS; threads++) {
            if (contexts[b][threads]) {
                CHECK(loci_close(contexts[b][threads], NULL) == 0);
            }
        }
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
