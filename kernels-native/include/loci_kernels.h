/*
 * The only ABI between Loci and its kernels.
 *
 * Every exported function has one shape,
 *
 *     int32_t loci_<op>(loci_context *context, const loci_<op>_args *args);
 *
 * so that any binding (Panama, JNI) needs one call stub and a struct writer. Rules:
 *
 * - Whoever calls owns every buffer; nothing is retained after the return, except ranges given to loci_guard_add.
 * - A buffer travels as a loci_span with its size, and the function checks that the size covers what the dimensions
 *   claim, and every index read from a buffer, before it writes anything.
 * - Returns 0, or LOCI_STATUS(field, code): field is the 1-based position of the offending member of the args struct.
 * - Nothing prints, exits, or changes the floating-point environment.
 * - Matrices are row-major and little-endian. Input and output spans do not overlap unless stated.
 * - Each output element is summed in an order that depends on its row's length alone: not on the number of tokens,
 *   the number of threads, or the row's place.
 * - One call at a time per context; contexts are independent of each other.
 */
#ifndef LOCI_KERNELS_H
#define LOCI_KERNELS_H

#include <stdint.h>

#define LOCI_ABI_VERSION 1
#define LOCI_EXPORT __attribute__((visibility("default")))

/* What is wrong, and with which member of the args struct (1-based; a nested struct counts as one member). */
#define LOCI_STATUS(field, code) (-((field)*16 + (code)))
enum {
    LOCI_E_NULL = 1,        /* a span without data, or a null context or args */
    LOCI_E_SMALL = 2,       /* a span smaller than the dimensions need */
    LOCI_E_RANGE = 3,       /* a number outside its stated range */
    LOCI_E_INDEX = 4,       /* an index inside a buffer outside its range */
    LOCI_E_UNSUPPORTED = 5, /* a type or ISA that this build or CPU lacks */
    LOCI_E_MEMORY = 6,      /* scratch memory could not be had */
    LOCI_E_SYSTEM = 7       /* the operating system refused; errno tells */
};

typedef struct loci_context loci_context;

typedef struct {
    void *data;
    int64_t bytes;
} loci_span;

/* Types of elements. Matrices: F32, BF16, I8 (one f32 scale a row). KV cache: F32, F16, BF16, I8 (one f32 scale a row).
 * Table rows: all. Quantised table rows carry their f32 scale behind the values:
 *     I8: dim bytes, scale at offset dim.
 *     I4: dim / 2 bytes (dim even), scale at offset dim / 2; byte i holds column i in its low and column i + dim / 2 in
 *         its high nibble, each as value + 8, value in -7..7.
 * An element is scale * value. */
enum { LOCI_F32 = 0, LOCI_BF16 = 1, LOCI_F16 = 2, LOCI_I8 = 3, LOCI_I4 = 4 };

enum { LOCI_ISA_GENERIC = 0, LOCI_ISA_AVX2 = 1, LOCI_ISA_AVX512 = 2, LOCI_ISA_AMX = 3 };

/* Bits of loci_cpu_args.flags: set only where the operating system saves the registers too. */
enum {
    LOCI_CPU_AVX2 = 1 << 0,   /* AVX2, FMA and F16C together */
    LOCI_CPU_AVX512 = 1 << 1, /* AVX-512 F, BW, DQ and VL together */
    LOCI_CPU_AVX512_VNNI = 1 << 2,
    LOCI_CPU_AVX512_BF16 = 1 << 3,
    LOCI_CPU_AMX_TILE = 1 << 4,
    LOCI_CPU_AMX_INT8 = 1 << 5,
    LOCI_CPU_AMX_BF16 = 1 << 6
};

/* ---- context ---------------------------------------------------------------------------------------------------- */

typedef struct {
    int32_t *abi_version; /* out */
    int64_t *flags;       /* out: LOCI_CPU_* */
    int32_t *cores;       /* out: cores this process may run on, at least 1 */
} loci_cpu_args;
LOCI_EXPORT int32_t loci_cpu(loci_context *none, const loci_cpu_args *args);

typedef struct {
    loci_context **context; /* out */
    int32_t isa;            /* LOCI_ISA_*; refused (UNSUPPORTED) if the CPU lacks it */
    int32_t flags;          /* the LOCI_CPU_* bits that kernels of this context may use; a subset of the CPU's */
    int32_t threads;        /* 1..1024, the caller of an op among them */
    int32_t reserved;       /* 0 */
} loci_open_args;
LOCI_EXPORT int32_t loci_open(loci_context *none, const loci_open_args *args);
LOCI_EXPORT int32_t loci_close(loci_context *context, const void *none);

/* ---- dense ------------------------------------------------------------------------------------------------------ */

/* How the elements of a matrix lie.
 * ROWS:   type[rows][columns].
 * PANELS: (BF16, I8) panels of 64 rows, type[panels][steps][64][4 bytes]: a step is the 4 (I8) or 2 (BF16) columns that
 *         fill 4 bytes, steps are a multiple of 16, and what lies beyond the rows and columns is 0. Products read it in
 *         one stream and keep a row in a lane, so that no lane is ever summed with another. loci_pack makes it. */
enum { LOCI_ROWS = 0, LOCI_PANELS = 1 };

typedef struct {
    loci_span data;   /* type[rows][columns], or panels */
    loci_span scales; /* f32[rows] for I8; empty otherwise */
    int32_t rows;
    int32_t columns;
    int32_t type; /* F32, BF16, I8 */
    int32_t layout;
} loci_matrix;

/* Panels of a matrix that lies in rows: bytes = round_up(rows, 64) * round_up(columns, 64 (I8) or 32 (BF16)) * size of
 * an element. */
typedef struct {
    loci_matrix from; /* ROWS; BF16 or I8 */
    loci_span out;
} loci_pack_args;
LOCI_EXPORT int32_t loci_pack(loci_context *context, const loci_pack_args *args);

/* out[t][c] = table[ids[t]][c] */
typedef struct {
    loci_matrix table; /* ROWS */
    loci_span ids;     /* i32[tokens] in [0, table.rows) */
    loci_span out;     /* f32[tokens][table.columns] */
    int32_t tokens;
    int32_t reserved;
} loci_embed_args;
LOCI_EXPORT int32_t loci_embed(loci_context *context, const loci_embed_args *args);

/* out[t][r] = sum over c of x[t][c] * weights[r][c], added to what out holds if add is 1.
 * activations LOCI_F32: x as it is. LOCI_I8 (weights.type I8 only): x is quantised, one scale a token
 * (max |x| / 127, nearest, ties to even; all zeros where the max is 0), products are summed in int32 (columns <=
 * 131072) and out = (float) sum * (x scale * weight scale). LOCI_BF16 (weights.type BF16 only): x is rounded to bf16,
 * to nearest, ties to even. Weights in panels take I8 for I8, F32 or BF16 for BF16. With swiglu 1, weights.rows is even
 * and out is what loci_swiglu makes of the product, to the bit. */
typedef struct {
    loci_span x; /* f32[tokens][weights.columns] */
    loci_matrix weights;
    loci_span out; /* f32[tokens][weights.rows], with swiglu half as many */
    int32_t tokens;
    int32_t activations; /* LOCI_F32, LOCI_BF16 or LOCI_I8 */
    int32_t add;         /* 0 or 1; with swiglu 0 */
    int32_t swiglu;      /* 0 or 1 */
} loci_matmul_args;
LOCI_EXPORT int32_t loci_matmul(loci_context *context, const loci_matmul_args *args);

enum { LOCI_NORM_RMS = 0, LOCI_NORM_LAYER = 1 };

/* RMS:   out = x / sqrt(mean(x^2) + eps) * weight
 * LAYER: out = (x - mean(x)) / sqrt(var(x) + eps) * weight          (biased variance)
 * per row; without weight where its span is empty; out may be x itself. */
typedef struct {
    loci_span x;      /* f32[rows][dim] */
    loci_span weight; /* f32[dim], or empty */
    loci_span out;    /* f32[rows][dim] */
    int32_t rows;
    int32_t dim;
    int32_t kind; /* LOCI_NORM_* */
    float eps;
} loci_norm_args;
LOCI_EXPORT int32_t loci_norm(loci_context *context, const loci_norm_args *args);

/* x[t] holds two halves of `inner`; out = silu(second half) * first half, silu(z) = z / (1 + exp(-z)). */
typedef struct {
    loci_span x;   /* f32[tokens][2 * inner] */
    loci_span out; /* f32[tokens][inner] */
    int32_t tokens;
    int32_t inner;
} loci_swiglu_args;
LOCI_EXPORT int32_t loci_swiglu(loci_context *context, const loci_swiglu_args *args);

/* ---- attention -------------------------------------------------------------------------------------------------- */

/* One layer of a paged KV cache. A page holds page_tokens positions of every head of one sequence:
 * keys and values are row[pages][kv_heads][page_tokens], a row being head_dim elements of type (I8: head_dim bytes and
 * an f32 scale, max |x| / 127, head_dim + 4 bytes in all). Position p of sequence s lies in page page_table[s][p /
 * page_tokens] at p % page_tokens. */
typedef struct {
    loci_span keys;
    loci_span values;
    loci_span
        page_table; /* i32[sequences][pages_per_sequence] in [0, pages); entries beyond a sequence's end are not read */
    int64_t pages;
    int32_t sequences;
    int32_t pages_per_sequence;
    int32_t page_tokens; /* a power of two */
    int32_t kv_heads;
    int32_t head_dim; /* even, at most 512 */
    int32_t type;     /* F32, F16, BF16, I8 */
} loci_kv;

/* Which token stands where. Tokens of one sequence are given in order of position. */
typedef struct {
    loci_span positions; /* i32[count], 0-based */
    loci_span sequences; /* i32[count] in [0, kv.sequences) */
    int32_t count;
    int32_t reserved;
} loci_tokens;

/* Takes the fused projection apart: clamps q, k, v to [-clip, clip] (clip > 0; +inf for none), normalises each head of
 * q and k over head_dim (where a weight is given or norm_heads is 1), rotates q and k (columns i and i + head_dim / 2
 * by the angle of their position), stores k and v in the cache, rounded to its type, and leaves q in q. */
typedef struct {
    loci_span qkv;     /* f32[tokens][(heads + 2 * kv_heads) * head_dim]: all of q, then k, then v; used as scratch */
    loci_span q_norm;  /* f32[head_dim], or empty */
    loci_span k_norm;  /* f32[head_dim], or empty */
    loci_span cos_sin; /* f32[positions][2][head_dim / 2]: cosines, then sines, of each position's angles */
    loci_span q;       /* f32[tokens][heads * head_dim] */
    loci_kv kv;
    loci_tokens tokens;
    int32_t heads;      /* a multiple of kv.kv_heads */
    int32_t positions;  /* rows of cos_sin: every position is below */
    int32_t norm_heads; /* 1: heads of q and k are normalised, 0: not */
    int32_t norm_kind;
    float norm_eps;
    float clip;
} loci_qkv_args;
LOCI_EXPORT int32_t loci_qkv(loci_context *context, const loci_qkv_args *args);

/* Causal attention over the cache: for each token and head, softmax over positions 0..its own of
 * <q, key> / sqrt(head_dim), then the weighted sum of values. Head a reads key/value head a / (heads / kv_heads). */
typedef struct {
    loci_span q;   /* f32[tokens][heads * head_dim] */
    loci_span out; /* f32[tokens][heads * head_dim] */
    loci_kv kv;
    loci_tokens tokens;
    int32_t heads;
    int32_t reserved;
} loci_attention_args;
LOCI_EXPORT int32_t loci_attention(loci_context *context, const loci_attention_args *args);

/* Says what loci_attention will read next: its rows are fetched into the caches during the products until then. A hint
 * without a result: addresses in keys and values are kept until the next call, to be prefetched from, never read. */
typedef struct {
    loci_kv kv;
    loci_tokens tokens;
} loci_foresee_args;
LOCI_EXPORT int32_t loci_foresee(loci_context *context, const loci_foresee_args *args);

/* ---- memory layer ----------------------------------------------------------------------------------------------- */

/* UltraMem V1 (arXiv 2411.12364), per token and head a:
 *     S0[j][p] = <query[0], keys[a][0][j][p]>, S1 likewise from query[1] and keys[a][1]
 *     I = the top m of j by sum over p of u[a][p] * S0[j][p], J by v[a] and S1     (equal scores: lower index first)
 *     G[i][j] = S0[i] (sum over c of cores[c][a]) S1[j]^T for i in I, j in J
 *     the top m of G                                                               (equal scores: lower i, then lower
 * j) in that order, each giving   id = shuffle[i * axis_keys + j], group = id / table_rows, row = id % table_rows, and
 * per core c its weight    S0[i] cores[c][a] S1[j]^T. A NaN is below every score. Of shuffle only the entries looked up
 * are checked, so after LOCI_E_INDEX (and only then) the outputs have been written, with unspecified contents.
 * key_type F32:  keys are f32[heads][2][axis_keys][rank][key_dim].
 * key_type BF16: for each head and side a matrix [axis_keys * rank][key_dim] in PANELS, with its zeros; queries are
 *                rounded to bf16, to nearest, ties to even. */
typedef struct {
    loci_span queries; /* f32[tokens][2][key_dim], normalised */
    loci_span keys;    /* as key_type says, normalised */
    loci_span u;       /* f32[heads][rank] */
    loci_span v;       /* f32[heads][rank] */
    loci_span cores;   /* f32[cores][heads][rank][rank] */
    loci_span shuffle; /* i32[axis_keys^2] in [0, groups * table_rows) */
    loci_span rows;    /* out: i32[tokens][heads * top] */
    loci_span groups;  /* out: i32[tokens][heads * top] */
    loci_span weights; /* out: f32[tokens][heads * top][cores] */
    int64_t table_rows;
    int32_t tokens;
    int32_t heads;
    int32_t axis_keys; /* at most 46340 */
    int32_t key_dim;
    int32_t rank;       /* 1..8 */
    int32_t core_count; /* 1..8 */
    int32_t top;        /* 1..min(axis_keys, 1024) */
    int32_t group_count;
    int32_t key_type; /* F32 or BF16 */
    int32_t reserved; /* 0 */
} loci_retrieve_args;
LOCI_EXPORT int32_t loci_retrieve(loci_context *context, const loci_retrieve_args *args);

/* A run of rows that lie together. */
typedef struct {
    const void *data;
    int64_t bytes;
    int64_t first_row;
    int64_t rows;
} loci_table_part;

/* out[t][g][d] = sum over hits k of token t with groups[k] == g, in the order of k, of weights[k][core(d)] * row[d],
 * core(d) = d / (dim / core_count). */
typedef struct {
    loci_span parts;      /* loci_table_part[part_count], by first_row, without gaps, from row 0 */
    loci_span rows;       /* i32[tokens][hits] */
    loci_span groups;     /* i32[tokens][hits] in [0, group_count) */
    loci_span weights;    /* f32[tokens][hits][core_count] */
    loci_span out;        /* f32[tokens][group_count][dim] */
    int64_t *unique_rows; /* out: distinct numbers among rows; or NULL */
    int64_t stride;       /* bytes from row to row */
    int32_t part_count;
    int32_t dim; /* a multiple of core_count; of 2 for I4 */
    int32_t type;
    int32_t tokens;
    int32_t hits;
    int32_t core_count;
    int32_t group_count;
    int32_t reserved;
} loci_pool_args;
LOCI_EXPORT int32_t loci_pool(loci_context *context, const loci_pool_args *args);

/* ---- sampling --------------------------------------------------------------------------------------------------- */

/* What a row of logits is for. Spans of the shared buffers are given by their first element and a count. */
typedef struct {
    double temperature;        /* at least 0; 0 draws the greatest adjusted logit; below 1e-30 as 1e-30 */
    double top_p;              /* in (0, 1] */
    double min_p;              /* in [0, 1] */
    double repetition_penalty; /* above 0 */
    double presence_penalty;
    double frequency_penalty;
    double draw;          /* in [0, 1) */
    int64_t history;      /* first of prompt_count ids of the prompt, then answer_count ids of the answer */
    int64_t bias;         /* first of bias_count in bias_ids and biases */
    int64_t suppressed;   /* first of suppressed_count in suppressed; fewer than vocab_size */
    int64_t mask;         /* where masked: first of (vocab_size + 63) / 64 words of masks */
    int32_t given;        /* the id, or -1 to draw one */
    int32_t top_k;        /* 0 for all */
    int32_t alternatives; /* -1: no score; at most args.top */
    int32_t prompt_count;
    int32_t answer_count;
    int32_t bias_count;
    int32_t suppressed_count;
    int32_t masked; /* 1: only ids whose bit is set in the mask are drawn; more of them than are suppressed. 0: all */
} loci_sample_row;

/* Per row: ids = the given id, or one drawn; -1 where a logit below vocab_size is not finite, and then nothing else of
 * the row is defined. Equal logits: lower id first, everywhere.
 * Adjusted logits, each line rounded to f32 once and kept finite:
 *     ids in the history:  (x > 0 ? x / repetition_penalty : x * repetition_penalty) - frequency_penalty * times in the
 *                          answer - (in the answer ? presence_penalty : 0)
 *     biased ids:          x + bias, for each entry
 *     suppressed ids:      never drawn, like those that a mask lacks
 * A draw, with share(x) = exp((x - greatest adjusted x) / temperature):
 *     ids of share >= min_p are kept, of them the top_k greatest, of them the fewest greatest whose shares reach top_p
 *     of what was kept; in order of id, or greatest first where top_k or top_p leaves out, the first whose running sum
 *     of shares exceeds draw * (sum of all).
 * Scores, where alternatives >= 0, are over the logits as they came: x - log(sum of exp), of the row's id and of the
 * min(alternatives, vocab_size) greatest, best first; behind those, top_ids and top_logprobs stay as they are. */
typedef struct {
    loci_span logits;       /* f32[row_count][columns] */
    loci_span rows;         /* loci_sample_row[row_count] */
    loci_span history;      /* i32 in [0, vocab_size) */
    loci_span bias_ids;     /* i32 in [0, vocab_size) */
    loci_span biases;       /* f64, finite */
    loci_span suppressed;   /* i32 in [0, vocab_size) */
    loci_span ids;          /* out: i32[row_count] */
    loci_span logprobs;     /* out: f64[row_count] */
    loci_span top_ids;      /* out: i32[row_count][top] */
    loci_span top_logprobs; /* out: f64[row_count][top] */
    int32_t row_count;
    int32_t columns;
    int32_t vocab_size; /* 1..columns: ids from here on are padding */
    int32_t top;        /* at least 0 */
    loci_span masks;    /* u64: bit i of word w is for id 64 * w + i */
} loci_sample_args;
LOCI_EXPORT int32_t loci_sample(loci_context *context, const loci_sample_args *args);

/* ---- limits ----------------------------------------------------------------------------------------------------- */

enum {
    LOCI_LIMIT_READ = 0,
    LOCI_LIMIT_ROWS = 1,
    LOCI_LIMIT_F32 = 2,
    LOCI_LIMIT_I8 = 3,   /* VNNI */
    LOCI_LIMIT_BF16 = 4, /* AVX-512-BF16 */
    LOCI_LIMIT_TILE_I8 = 5,
    LOCI_LIMIT_TILE_BF16 = 6,
    LOCI_LIMIT_KINDS = 7
};

/* Work for a stopwatch. READ: result is the exclusive or of all i64 of data. ROWS: that of the rows of data that are
 * named, a row as often as it is named, each prefetched `ahead` rows before its turn. The others: a loop of products of
 * registers, repeats times in each of 8 parts a thread; result is how many products were summed, counted by the sums
 * themselves. A kind that the context's instruction set lacks is refused (UNSUPPORTED). */
typedef struct {
    loci_span data;    /* READ, ROWS; a multiple of 64 bytes */
    loci_span rows;    /* ROWS: i32, each row within data */
    int64_t *result;   /* out */
    int64_t repeats;   /* of products: 1..2^20 */
    int32_t kind;      /* LOCI_LIMIT_* */
    int32_t row_bytes; /* ROWS: a multiple of 8, at least 64 */
    int32_t ahead;     /* ROWS: 0..1024 */
    int32_t stride;    /* ROWS: bytes from row to row, a multiple of 8, at least row_bytes */
} loci_limit_args;
LOCI_EXPORT int32_t loci_limit(loci_context *context, const loci_limit_args *args);

/* ---- mapped memory ---------------------------------------------------------------------------------------------- */

/* A file that shrinks under its mapping raises SIGBUS at the next touch. For addresses in a guarded range the handler
 * puts an anonymous page of zeros there, counts it, and the access goes on; others go to the handler that was there
 * before. Install after the JVM has started. At most 4096 ranges. */
typedef struct {
    void *data; /* page-aligned */
    int64_t bytes;
} loci_range_args;
LOCI_EXPORT int32_t loci_guard_install(loci_context *none, const void *nothing);
LOCI_EXPORT int32_t loci_guard_add(loci_context *none, const loci_range_args *args);
LOCI_EXPORT int32_t loci_guard_remove(loci_context *none, const loci_range_args *args);

typedef struct {
    int64_t *pages; /* out: pages replaced by zeros since the start of the process */
} loci_guard_faults_args;
LOCI_EXPORT int32_t loci_guard_faults(loci_context *none, const loci_guard_faults_args *args);

/* DROP gives the pages of a file mapping back, where possible from the page cache too; anonymous memory loses its
 * contents. */
enum {
    LOCI_ADVICE_RANDOM = 0,
    LOCI_ADVICE_HUGE_PAGES = 1,
    LOCI_ADVICE_WILL_NEED = 2,
    LOCI_ADVICE_DROP = 3,
    LOCI_ADVICE_POPULATE = 4
};

typedef struct {
    void *data; /* page-aligned */
    int64_t bytes;
    int32_t advice;
    int32_t reserved;
} loci_advise_args;
LOCI_EXPORT int32_t loci_advise(loci_context *none, const loci_advise_args *args);

/* Private memory of zeros, which takes RAM page by page as it is written; with huge_pages from a 2 MiB border on, in
 * huge pages where the system has them. */
typedef struct {
    void **data; /* out */
    int64_t bytes;
    int32_t huge_pages; /* 0 or 1 */
    int32_t reserved;
} loci_map_args;
LOCI_EXPORT int32_t loci_map(loci_context *none, const loci_map_args *args);
LOCI_EXPORT int32_t loci_unmap(loci_context *none, const loci_range_args *args);

typedef struct {
    void *data; /* page-aligned */
    int64_t bytes;
    int64_t *resident_bytes; /* out: bytes of the range whose pages are in RAM (mincore) */
} loci_residency_args;
LOCI_EXPORT int32_t loci_residency(loci_context *none, const loci_residency_args *args);

typedef struct {
    int64_t *faults; /* out: faults of the process, since its start, that waited for a disk */
} loci_major_faults_args;
LOCI_EXPORT int32_t loci_major_faults(loci_context *none, const loci_major_faults_args *args);

#endif
