#include "internal.h"

/* Pieces of the bytes [from, from + bytes); false where there is no room for more. */
static bool foresee_bytes(loci_foreseen *foreseen, const uint8_t *from, int64_t bytes) {
    for (int64_t at = 0; at < bytes; at += LOCI_PIECE_BYTES) {
        if (foreseen->count == LOCI_PIECES) {
            return false;
        }
        int64_t end = loci_min(bytes, at + LOCI_PIECE_BYTES);
        foreseen->pieces[foreseen->count++] = (loci_piece){from + at, from + end};
    }
    return true;
}

/* The first `tokens` rows of each head of a page, keys and values. */
static bool foresee_page(loci_foreseen *foreseen, const loci_kv *kv, int64_t page, int64_t tokens) {
    int64_t head_bytes = (int64_t)kv->page_tokens * loci_kv_row_bytes(kv), page_bytes = kv->kv_heads * head_bytes;
    const uint8_t *keys = (const uint8_t *)kv->keys.data + page * page_bytes;
    const uint8_t *values = (const uint8_t *)kv->values.data + page * page_bytes;
    if (tokens == kv->page_tokens) {
        return foresee_bytes(foreseen, keys, page_bytes) && foresee_bytes(foreseen, values, page_bytes);
    }
    for (int32_t head = 0; head < kv->kv_heads; head++) {
        int64_t at = head * head_bytes, bytes = tokens * loci_kv_row_bytes(kv);
        if (!foresee_bytes(foreseen, keys + at, bytes) || !foresee_bytes(foreseen, values + at, bytes)) {
            return false;
        }
    }
    return true;
}

int32_t loci_foresee(loci_context *context, const loci_foresee_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    loci_foreseen *foreseen = &context->foreseen;
    foreseen->count = 0;
    const loci_kv *kv = &args->kv;
    int32_t status = loci_kv_status(kv, 1, &args->tokens, 2, true);
    if (status != 0) {
        return status;
    }
    const int32_t *positions = args->tokens.positions.data, *sequences = args->tokens.sequences.data;
    bool room = true;
    for (int32_t t = args->tokens.count - 1; t >= 0 && room; t--) { /* in the order in which attention takes them */
        if (t + 1 < args->tokens.count && sequences[t + 1] == sequences[t]) {
            continue; /* its keys are among those of the token behind it */
        }
        const int32_t *pages = (const int32_t *)kv->page_table.data + (int64_t)sequences[t] * kv->pages_per_sequence;
        int64_t keys = (int64_t)positions[t] + 1;
        for (int64_t key = 0; key < keys && room; key += kv->page_tokens) {
            room = foresee_page(foreseen, kv, pages[key / kv->page_tokens], loci_min(kv->page_tokens, keys - key));
        }
    }
    atomic_store_explicit(&foreseen->next, 0, memory_order_relaxed);
    return 0;
}
