package dev.loci.kernel.scalar;

import dev.loci.kernel.TableRows;
import java.lang.foreign.MemorySegment;

/// One row of a value table as numbers.
/// @param part   the part that holds it
/// @param offset where it starts, in the part
record TableRow(TableRows table, MemorySegment part, long offset) {
    static TableRow of(TableRows table, long row) {
        for (TableRows.Part part : table.parts()) {
            if (row < part.firstRow() + part.rows()) {
                return new TableRow(table, part.data(), (row - part.firstRow()) * table.stride());
            }
        }
        throw new IndexOutOfBoundsException(row);
    }

    double at(int column) {
        int dim = table.dim();
        return switch (table.type()) {
            case F32 -> Elements.f32At(part, offset + (long) column * Float.BYTES);
            case BF16 -> Elements.bf16At(part, offset + (long) column * Short.BYTES);
            case F16 -> Elements.f16At(part, offset + (long) column * Short.BYTES);
            case INT8 -> (double) Elements.f32At(part, offset + dim) * Elements.i8At(part, offset + column);
            case INT4 -> (double) Elements.f32At(part, offset + dim / 2) * nibble(column, dim / 2);
        };
    }

    private int nibble(int column, int half) {
        int pair = Elements.i8At(part, offset + column % half);
        return (column < half ? pair & 0xF : pair >>> 4 & 0xF) - 8;
    }
}
