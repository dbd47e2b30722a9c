#include "internal.h"

int64_t loci_matrix_row_bytes(const loci_matrix *matrix) {
    bool panels = matrix->layout == LOCI_PANELS;
    int64_t columns = panels ? loci_panel_columns(matrix->type, matrix->columns) : matrix->columns;
    return columns * loci_half_bytes(matrix->type) / 2;
}

int32_t loci_matrix_code(const loci_matrix *matrix) {
    bool typed = matrix->type == LOCI_F32 || matrix->type == LOCI_BF16 || matrix->type == LOCI_I8;
    if (!typed) {
        return LOCI_E_UNSUPPORTED;
    }
    if (matrix->rows < 1 || matrix->columns < 1 || matrix->layout < LOCI_ROWS || matrix->layout > LOCI_PANELS) {
        return LOCI_E_RANGE;
    }
    int64_t rows = matrix->rows;
    if (matrix->layout == LOCI_PANELS) {
        if (matrix->type == LOCI_F32) {
            return LOCI_E_UNSUPPORTED;
        }
        rows = loci_round_up(rows, LOCI_PANEL_ROWS);
    }
    int32_t code = loci_span_code(matrix->data, loci_times(rows, loci_matrix_row_bytes(matrix)));
    if (code == 0 && matrix->type == LOCI_I8) {
        code = loci_span_code(matrix->scales, (int64_t)matrix->rows * 4);
    }
    return code;
}
