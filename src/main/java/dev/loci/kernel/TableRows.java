package dev.loci.kernel;

import java.lang.foreign.MemorySegment;
import java.util.List;

/// The rows of one value table where they lie; segments are borrowed until the table is closed.
/// @param parts by first row, without gaps, from row 0; never empty
/// @param stride bytes from row to row
public record TableRows(RowType type, List<Part> parts, long rows, int dim, long stride) {
    /// @param data `rows * stride` bytes
    public record Part(MemorySegment data, long firstRow, long rows) {}

    public TableRows {
        parts = List.copyOf(parts);
        long next = 0;
        for (Part part : parts) {
            if (part.firstRow() != next || part.rows() < 1) {
                throw new IllegalArgumentException("table parts: expected a part of at least 1 row from row " + next
                        + ", found " + part.rows() + " rows from row " + part.firstRow());
            }
            if (part.data().byteSize() != Math.multiplyExact(part.rows(), stride)) {
                throw new IllegalArgumentException("table part from row " + part.firstRow() + ": expected "
                        + part.rows() * stride + " bytes, found " + part.data().byteSize());
            }
            next += part.rows();
        }
        if (next != rows || rows < 1) {
            throw new IllegalArgumentException("table parts: expected " + rows + " rows in all, found " + next);
        }
        if (stride < type.rowBytes(dim)) {
            throw new IllegalArgumentException(
                    "table stride: expected at least " + type.rowBytes(dim) + " bytes, found " + stride);
        }
    }
}
