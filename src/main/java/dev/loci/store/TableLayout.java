package dev.loci.store;

import dev.loci.kernel.RowType;
import dev.loci.tensor.DType;
import java.util.List;
import java.util.Objects;

/// How the rows of a value table lie in its files: `type.rowBytes(dim)` bytes, then zeros to the stride, the next
/// multiple of 16.
/// @param dim columns of a row; even for int4
public record TableLayout(RowType type, int dim) {
    public static final int ROW_ALIGNMENT = 16;
    /// The one tensor of a file of rows.
    public static final String TENSOR = "values";

    public TableLayout {
        Objects.requireNonNull(type, "type");
        if (dim < 1 || dim > 1 << 20) {
            throw new IllegalArgumentException("table dim: expected 1 to " + (1 << 20) + ", found " + dim);
        }
        if (type == RowType.INT4 && dim % 2 != 0) {
            throw new IllegalArgumentException("table dim: expected an even number for int4 rows, found " + dim);
        }
    }

    /// Bytes from row to row.
    public int stride() {
        return Math.ceilDiv(type.rowBytes(dim), ROW_ALIGNMENT) * ROW_ALIGNMENT;
    }

    /// Element type of the tensor that holds rows.
    public DType dtype() {
        return switch (type) {
            case F32 -> DType.F32;
            case BF16 -> DType.BF16;
            case F16 -> DType.F16;
            case INT8, INT4 -> DType.U8;
        };
    }

    /// Shape of the tensor that holds `rows` rows.
    public List<Long> shape(long rows) {
        return List.of(rows, (long) (stride() / dtype().bytes()));
    }

    public long bytes(long rows) {
        return Math.multiplyExact(rows, stride());
    }
}
