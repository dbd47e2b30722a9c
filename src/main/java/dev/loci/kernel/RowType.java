package dev.loci.kernel;

/// Element types of value-table rows; codes are those of the kernel ABI.
public enum RowType {
    F32(0),
    BF16(1),
    F16(2),
    /// `dim` bytes, then the row's f32 scale.
    INT8(3),
    /// `dim / 2` bytes, then the row's f32 scale; byte i holds column i (low nibble) and column i + dim / 2 (high
    /// nibble),
    /// each as value + 8, the value in -7..7.
    INT4(4);

    private final int code;

    RowType(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    /// Bytes of a row of `dim` columns that carry data, scale included, padding not.
    public int rowBytes(int dim) {
        return switch (this) {
            case F32 -> Math.multiplyExact(dim, 4);
            case BF16, F16 -> Math.multiplyExact(dim, 2);
            case INT8 -> Math.addExact(dim, 4);
            case INT4 -> Math.addExact(dim / 2, 4);
        };
    }
}
