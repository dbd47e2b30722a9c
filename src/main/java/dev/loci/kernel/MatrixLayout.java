package dev.loci.kernel;

/// How the elements of a [Matrix] lie; codes are those of the kernel ABI.
public enum MatrixLayout {
    /// Row after row.
    ROWS(0),
    /// Panels of 64 rows, `[panels][steps][64][4 bytes]`: a step is the 4 (int8) or 2 (bf16) columns that fill 4
    /// bytes, steps are a multiple of 16, and what lies beyond the rows and columns is 0. [PackKernel] makes them;
    /// products read them in one stream.
    PANELS(1);

    private static final int PANEL_ROWS = 64;
    private static final int STEP_BYTES = 4;
    private static final int STEPS = 16;

    private final int code;

    MatrixLayout(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /// Bytes of a matrix.
    public long bytes(WeightType type, int rows, int columns) {
        return switch (this) {
            case ROWS -> Math.multiplyExact((long) rows * columns, (long) type.elementBytes());
            case PANELS ->
                Math.multiplyExact(
                        Math.ceilDiv(rows, PANEL_ROWS) * (long) PANEL_ROWS, steps(type, columns) * (long) STEP_BYTES);
        };
    }

    /// Offset in bytes of an element.
    public long offset(WeightType type, int columns, long row, long column) {
        return switch (this) {
            case ROWS -> (row * columns + column) * type.elementBytes();
            case PANELS -> {
                int width = STEP_BYTES / type.elementBytes();
                long step = row / PANEL_ROWS * steps(type, columns) + column / width;
                yield (step * PANEL_ROWS + row % PANEL_ROWS) * STEP_BYTES + column % width * type.elementBytes();
            }
        };
    }

    private static int steps(WeightType type, int columns) {
        return Math.ceilDiv(columns, STEP_BYTES / type.elementBytes() * STEPS) * STEPS;
    }
}
