package dev.loci.kernel.ffi;

import dev.loci.kernel.Matrix;

/// `loci_matrix`.
final class MatrixStruct {
    private static final long DATA_OFFSET = 0;
    private static final long SCALES_OFFSET = DATA_OFFSET + NativeCall.SPAN_BYTES;
    private static final long ROWS_OFFSET = SCALES_OFFSET + NativeCall.SPAN_BYTES;
    private static final long COLUMNS_OFFSET = ROWS_OFFSET + Integer.BYTES;
    private static final long TYPE_OFFSET = COLUMNS_OFFSET + Integer.BYTES;
    private static final long LAYOUT_OFFSET = TYPE_OFFSET + Integer.BYTES;
    static final long BYTES = LAYOUT_OFFSET + Integer.BYTES;

    private MatrixStruct() {}

    static void write(NativeCall call, long offset, Matrix matrix) {
        call.span(offset + DATA_OFFSET, matrix.data());
        call.span(offset + SCALES_OFFSET, matrix.scales());
        call.i32(offset + ROWS_OFFSET, matrix.rows());
        call.i32(offset + COLUMNS_OFFSET, matrix.columns());
        call.i32(offset + TYPE_OFFSET, matrix.type().code());
        call.i32(offset + LAYOUT_OFFSET, matrix.layout().code());
    }
}
