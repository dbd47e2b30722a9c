#include "internal.h"

int32_t loci_matrix_code(const loci_matrix *matrix) {
    bool typed = matrix->type == LOCI_F32 || matrix->type == LOCI_BF16 || matrix->type == LOCI_I8;
    if (!typed) {
        return LOCI_E_UNSUPPORTED;
    }
    if (matrix->rows < 1 || matrix->columns < 1 || matrix->reserved != 0) {
        return LOCI_E_RANGE;
    }
    int32_t bytes = loci_half_bytes(matrix->type) / 2;
    int32_t code = loci_span_code(matrix->data, loci_times3(matrix->rows, matrix->columns, bytes));
    if (code == 0 && matrix->type == LOCI_I8) {
        code = loci_span_code(matrix->scales, (int64_t)matrix->rows * 4);
    }
    return code;
}
