#include "internal.h"

#include <string.h>

typedef struct {
    const loci_matrix *from;
    uint8_t *out;
    int64_t panel_bytes;
    int64_t row_bytes;
} pack_job;

/* An item is a panel. A step of 4 bytes of a row goes to lane `row` of that step. */
static void pack_panel(void *argument, int32_t item, int32_t thread) {
    (void)thread;
    const pack_job *job = argument;
    int64_t first = (int64_t)item * LOCI_PANEL_ROWS;
    int64_t rows = loci_min(LOCI_PANEL_ROWS, job->from->rows - first);
    int64_t steps = job->panel_bytes / (LOCI_PANEL_ROWS * 4), whole = job->row_bytes / 4, rest = job->row_bytes % 4;
    uint8_t *out = job->out + item * job->panel_bytes;
    const uint8_t *from = (const uint8_t *)job->from->data.data + first * job->row_bytes;
    if (rows < LOCI_PANEL_ROWS || whole < steps) {
        memset(out, 0, (size_t)job->panel_bytes);
    }
    enum { BLOCK = 16 }; /* steps at a time, so that a line of the panel is filled while it is in the cache */
    for (int64_t start = 0; start < whole; start += BLOCK) {
        int64_t end = loci_min(start + BLOCK, whole);
        for (int64_t row = 0; row < rows; row++) {
            const uint8_t *at = from + row * job->row_bytes;
            for (int64_t step = start; step < end; step++) {
                memcpy(out + (step * LOCI_PANEL_ROWS + row) * 4, at + step * 4, 4);
            }
        }
    }
    for (int64_t row = 0; rest > 0 && row < rows; row++) {
        memcpy(out + (whole * LOCI_PANEL_ROWS + row) * 4, from + row * job->row_bytes + whole * 4, (size_t)rest);
    }
}

int32_t loci_pack(loci_context *context, const loci_pack_args *args) {
    LOCI_REQUIRE(context != NULL && args != NULL, 0, LOCI_E_NULL);
    const loci_matrix *from = &args->from;
    int32_t code = loci_matrix_code(from);
    LOCI_REQUIRE(code == 0, 1, code);
    LOCI_REQUIRE(from->layout == LOCI_ROWS && from->type != LOCI_F32, 1, LOCI_E_UNSUPPORTED);
    int64_t size = loci_half_bytes(from->type) / 2, columns = loci_panel_columns(from->type, from->columns);
    int64_t panels = ((int64_t)from->rows + LOCI_PANEL_ROWS - 1) / LOCI_PANEL_ROWS;
    LOCI_REQUIRE_SPAN(args->out, loci_times4(panels, LOCI_PANEL_ROWS, columns, size), 2);
    pack_job job = {from, args->out.data, LOCI_PANEL_ROWS * columns * size, from->columns * size};
    loci_parallel(context, pack_panel, &job, (int32_t)panels, (double)panels * (double)job.panel_bytes / 8);
    return 0;
}
