package dev.loci.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.loci.kernel.Hits;
import dev.loci.kernel.RowType;
import dev.loci.kernel.TableRows;
import dev.loci.kernel.Values;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ScalarPoolTest extends ScalarTestCase {
    @Test
    void sumsEachGroupWithTheWeightOfTheColumnsCore() {
        TableRows table = new TableRows(
                RowType.F32,
                List.of(
                        new TableRows.Part(Values.f32(arena, 1, 2, 3, 4), 0, 1),
                        new TableRows.Part(Values.f32(arena, 10, 20, 30, 40, 5, 6, 7, 8), 1, 2)),
                3,
                4,
                16);
        // rows 2 and 0 in group 1, row 1 in group 0; weights of columns 0, 1 and of columns 2, 3
        Hits hits = new Hits(
                Values.i32(arena, 2, 1, 0), Values.i32(arena, 1, 0, 1), Values.f32(arena, 1, 2, 3, 4, 10, 100), 3, 2);
        assertThat(pooled(table, hits, 2)).containsExactly(30, 60, 120, 160, 15, 26, 314, 416);
    }

    @Test
    void countsARowThatIsHitTwiceOnce() {
        MemorySegment data = Values.f32(arena, 1, 2, 3);
        TableRows table = new TableRows(RowType.F32, List.of(new TableRows.Part(data, 0, 3)), 3, 1, 4);
        MemorySegment rows = Values.i32(arena, 2, 0, 2, 2);
        Hits hits = new Hits(rows, arena.allocate(16, 4), arena.allocate(16, 4), 2, 1);
        assertThat(new ScalarPool().pool(table, hits, 2, 1, arena.allocate(8, 4)))
                .isEqualTo(2);
    }

    @Test
    void leavesGroupsWithoutHitsAtZero() {
        TableRows table = table(RowType.F32, 1, 4, Values.f32(arena, 7));
        Hits none = new Hits(arena.allocate(0), arena.allocate(0), arena.allocate(0), 0, 1);
        assertThat(pooled(table, none, 2)).containsExactly(0, 0);
    }

    @Test
    void readsHalfFloats() {
        MemorySegment bf16 = arena.allocateFrom(ValueLayout.JAVA_SHORT, (short) 0x3FC0, (short) 0xC000);
        assertThat(pooled(table(RowType.BF16, 2, 4, bf16), one(), 1)).containsExactly(3, -4);
        MemorySegment f16 = arena.allocateFrom(ValueLayout.JAVA_SHORT, (short) 0x3E00, (short) 0xC000);
        assertThat(pooled(table(RowType.F16, 2, 4, f16), one(), 1)).containsExactly(3, -4);
    }

    @Test
    void readsInt8WithItsScaleBehind() {
        MemorySegment row = arena.allocate(6);
        row.set(ValueLayout.JAVA_BYTE, 0, (byte) -127);
        row.set(ValueLayout.JAVA_BYTE, 1, (byte) 3);
        row.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 2, 0.25f);
        assertThat(pooled(table(RowType.INT8, 2, 6, row), one(), 1)).containsExactly(-63.5f, 1.5f);
    }

    @Test
    void readsInt4FromLowThenHighNibbles() {
        // columns 0, 1 are the low nibbles: 8 - 8, 1 - 8; columns 2, 3 the high ones: 15 - 8, 9 - 8
        MemorySegment row = arena.allocate(6);
        row.set(ValueLayout.JAVA_BYTE, 0, (byte) 0xF8);
        row.set(ValueLayout.JAVA_BYTE, 1, (byte) 0x91);
        row.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 2, 0.5f);
        assertThat(pooled(table(RowType.INT4, 4, 6, row), one(), 1)).containsExactly(0, -7, 7, 1);
    }

    @Test
    void refusesARowOutsideTheTable() {
        TableRows table = table(RowType.F32, 1, 4, Values.f32(arena, 7));
        Hits hits = new Hits(Values.i32(arena, 1), Values.i32(arena, 0), Values.f32(arena, 1), 1, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pooled(table, hits, 1))
                .withMessage("scalar pool, row of hit 0: expected 0 to 0, found 1");
    }

    private float[] pooled(TableRows table, Hits hits, int groups) {
        MemorySegment out = arena.allocate(4L * groups * table.dim(), 4);
        out.fill((byte) 0x7F);
        new ScalarPool().pool(table, hits, 1, groups, out);
        return Values.f32s(out);
    }

    private static TableRows table(RowType type, int dim, long stride, MemorySegment row) {
        return new TableRows(type, List.of(new TableRows.Part(row, 0, 1)), 1, dim, stride);
    }

    /// Row 0, weighed by 2.
    private Hits one() {
        return new Hits(Values.i32(arena, 0), Values.i32(arena, 0), Values.f32(arena, 2), 1, 1);
    }
}
