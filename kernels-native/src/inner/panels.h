/* Products of a matrix in panels: a row is a lane, steps are summed in ascending order, nothing is summed across lanes.
 */
#ifndef LOCI_INLINE
#define LOCI_INLINE static inline __attribute__((always_inline))
#endif

#ifndef LOCI_INNER_PANELS_H
#define LOCI_INNER_PANELS_H

/* Asks for the lines that will be written: another core may have them. */
LOCI_INLINE void panel_claim(const loci_matmul_job *job, int32_t token, int32_t row, int rows) {
    const float *out = job->out + token * job->out_stride + row;
    for (int r = 0; r < rows; r += 16) {
        __builtin_prefetch(out + r, 1, 3);
    }
}

/* The panel that comes after one of the range that ends at `end`, or NULL. */
LOCI_INLINE const uint8_t *panel_after(const loci_matmul_job *job, int32_t panel, int32_t end, int64_t panel_bytes) {
    int64_t next = panel + LOCI_PANEL_ROWS;
    next = next < end ? next : (int64_t)end + job->skip;
    return next < job->rows ? job->weights + next / LOCI_PANEL_ROWS * panel_bytes : NULL;
}

/* out[first_row + r] = values[r], or added to it, for the rows of a panel that exist. */
LOCI_INLINE void panel_put(const loci_matmul_job *job, int32_t token, int32_t row, int rows, const float *values) {
    float *out = job->out + token * job->out_stride + row;
    if (job->add) {
        for (int r = 0; r < rows; r++) {
            out[r] += values[r];
        }
    } else {
        memcpy(out, values, (size_t)rows * sizeof *out);
    }
}

/* The exact sums of one token, and of them what int8 products are worth. */
LOCI_INLINE void panel_put_i8(const loci_matmul_job *job, int32_t token, int32_t row, int rows, const int32_t *sums,
                              uint32_t excess) {
    float values[LOCI_PANEL_ROWS], scale = job->x_scales[token];
    const float *scales = job->scales + row;
    for (int r = 0; r < rows; r++) {
        values[r] = (float)(int32_t)((uint32_t)sums[r] - excess) * (scale * scales[r]);
    }
    panel_put(job, token, row, rows, values);
}

#endif
