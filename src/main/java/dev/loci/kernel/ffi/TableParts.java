package dev.loci.kernel.ffi;

import dev.loci.kernel.TableRows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.IdentityHashMap;

/// Tables as arrays of `loci_table_part`, each written at its first use and kept until the arena closes.
final class TableParts {
    private static final long DATA_OFFSET = 0;
    private static final long SIZE_OFFSET = DATA_OFFSET + ValueLayout.ADDRESS.byteSize();
    private static final long FIRST_ROW_OFFSET = SIZE_OFFSET + Long.BYTES;
    private static final long ROWS_OFFSET = FIRST_ROW_OFFSET + Long.BYTES;
    private static final long BYTES = ROWS_OFFSET + Long.BYTES;

    private final Arena arena;
    private final IdentityHashMap<TableRows, MemorySegment> written = new IdentityHashMap<>();

    TableParts(Arena arena) {
        this.arena = arena;
    }

    MemorySegment of(TableRows table) {
        MemorySegment array = written.get(table);
        if (array == null) {
            array = write(table);
            written.put(table, array);
        }
        for (int p = 0; p < table.parts().size(); p++) {
            NativeCall.addressOf(table.parts().get(p).data()); // refuses what was closed since it was written
        }
        return array;
    }

    private MemorySegment write(TableRows table) {
        MemorySegment array = arena.allocate(table.parts().size() * BYTES, ValueLayout.JAVA_LONG.byteAlignment());
        long offset = 0;
        for (TableRows.Part part : table.parts()) {
            array.set(ValueLayout.JAVA_LONG, offset + DATA_OFFSET, NativeCall.addressOf(part.data()));
            array.set(ValueLayout.JAVA_LONG, offset + SIZE_OFFSET, part.data().byteSize());
            array.set(ValueLayout.JAVA_LONG, offset + FIRST_ROW_OFFSET, part.firstRow());
            array.set(ValueLayout.JAVA_LONG, offset + ROWS_OFFSET, part.rows());
            offset += BYTES;
        }
        return array;
    }
}
