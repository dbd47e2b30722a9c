/* Checks of the cache that its writer and its reader share. */
#include "internal.h"

int32_t loci_kv_row_bytes(const loci_kv *kv) {
    switch (kv->type) {
    case LOCI_F32:
        return kv->head_dim * 4;
    case LOCI_F16:
    case LOCI_BF16:
        return kv->head_dim * 2;
    case LOCI_I8:
        return kv->head_dim + 4;
    default:
        return 0;
    }
}

static int32_t kv_code(const loci_kv *kv) {
    bool sane = kv->head_dim >= 2 && kv->head_dim <= LOCI_HEAD_DIM_MAX && kv->head_dim % 2 == 0 && kv->kv_heads >= 1 &&
                kv->page_tokens >= 1 && (kv->page_tokens & (kv->page_tokens - 1)) == 0 && kv->pages >= 0 &&
                kv->sequences >= 0 && kv->pages_per_sequence >= 0;
    if (!sane) {
        return LOCI_E_RANGE;
    }
    int64_t row_bytes = loci_kv_row_bytes(kv);
    if (row_bytes == 0) {
        return LOCI_E_UNSUPPORTED;
    }
    int64_t bytes = loci_times4(kv->pages, kv->kv_heads, kv->page_tokens, row_bytes);
    int32_t code = loci_span_code(kv->keys, bytes);
    code = code != 0 ? code : loci_span_code(kv->values, bytes);
    return code != 0 ? code : loci_span_code(kv->page_table, loci_times3(kv->sequences, kv->pages_per_sequence, 4));
}

int32_t loci_kv_status(const loci_kv *kv, int32_t kv_field, const loci_tokens *tokens, int32_t tokens_field,
                       bool whole) {
    int32_t code = kv_code(kv);
    LOCI_REQUIRE(code == 0, kv_field, code);
    LOCI_REQUIRE(tokens->count >= 0 && tokens->reserved == 0, tokens_field, LOCI_E_RANGE);
    LOCI_REQUIRE_SPAN(tokens->positions, (int64_t)tokens->count * 4, tokens_field);
    LOCI_REQUIRE_SPAN(tokens->sequences, (int64_t)tokens->count * 4, tokens_field);
    const int32_t *positions = tokens->positions.data, *sequences = tokens->sequences.data;
    int32_t checked = 0; /* pages of the token before, where it is of the same sequence */
    for (int32_t t = 0; t < tokens->count; t++) {
        LOCI_REQUIRE(sequences[t] >= 0 && sequences[t] < kv->sequences, tokens_field, LOCI_E_INDEX);
        LOCI_REQUIRE(positions[t] >= 0 && positions[t] < INT32_MAX &&
                         positions[t] / kv->page_tokens < kv->pages_per_sequence,
                     tokens_field, LOCI_E_INDEX);
        const int32_t *pages = (const int32_t *)kv->page_table.data + (int64_t)sequences[t] * kv->pages_per_sequence;
        int32_t last = positions[t] / kv->page_tokens;
        if (!whole) {
            checked = last;
        } else if (t == 0 || sequences[t] != sequences[t - 1]) {
            checked = 0;
        }
        for (; checked <= last; checked++) {
            LOCI_REQUIRE(pages[checked] >= 0 && pages[checked] < kv->pages, kv_field, LOCI_E_INDEX);
        }
    }
    return 0;
}
