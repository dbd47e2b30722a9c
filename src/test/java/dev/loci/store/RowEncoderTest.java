package dev.loci.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.kernel.RowType;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class RowEncoderTest {
    private static String hex(RowType type, float... row) {
        TableLayout layout = new TableLayout(type, row.length);
        byte[] bytes = new byte[layout.stride() + 8];
        java.util.Arrays.fill(bytes, (byte) 0xee);
        RowEncoder.encode(layout, row, MemorySegment.ofArray(bytes), 4);
        String text = HexFormat.of().formatHex(bytes);
        assertThat(text).startsWith("eeeeeeee").endsWith("eeeeeeee");
        return text.substring(8, text.length() - 8);
    }

    private static float[] back(RowType type, float... row) {
        TableLayout layout = new TableLayout(type, row.length);
        MemorySegment bytes = MemorySegment.ofArray(new byte[layout.stride()]);
        RowEncoder.encode(layout, row, bytes, 0);
        return RowEncoder.decode(layout, bytes, 0);
    }

    @Test
    void int8RowsEndWithTheirScaleAndZeros() {
        // Greatest 254, so the scale is 2: 3 / 2 and 5 / 2 are ties and become 2, -1 / 2 becomes 0.
        assertThat(hex(RowType.INT8, 254, 3, 5, -1, -254)).isEqualTo("7f02020081" + "00000040" + "00000000000000");
        assertThat(back(RowType.INT8, 254, 3, 5, -1, -254)).containsExactly(254, 4, 4, 0, -254);
    }

    @Test
    void int4RowsHoldBothHalvesInEachByte() {
        // Greatest 14, so the scale is 2. Columns 0 and 2 share byte 0: 7 + 8 low, -7 + 8 high.
        assertThat(hex(RowType.INT4, 14, 4, -14, 0)).isEqualTo("1f8a" + "00000040" + "00000000000000000000");
        assertThat(back(RowType.INT4, 14, 4, -14, 0)).containsExactly(14, 4, -14, 0);
    }

    @Test
    void aRowOfZerosHasScaleZero() {
        assertThat(hex(RowType.INT8, 0, 0)).isEqualTo("00".repeat(16));
        assertThat(hex(RowType.INT4, 0, -0f)).isEqualTo("88" + "00".repeat(15));
        assertThat(back(RowType.INT4, 0, 0)).containsExactly(0, 0);
    }

    @Test
    void floatRowsArePaddedToTheStride() {
        assertThat(hex(RowType.F32, 1)).isEqualTo("0000803f" + "00".repeat(12));
        assertThat(hex(RowType.BF16, 1, -2, 0.5f)).isEqualTo("803f00c0003f" + "00".repeat(10));
        assertThat(hex(RowType.F16, 1, -2, 0.5f)).isEqualTo("003c00c00038" + "00".repeat(10));
    }

    @Test
    void scalesTooSmallForF32GiveZeros() {
        assertThat(back(RowType.INT8, Float.MIN_VALUE, 0)).containsExactly(0, 0);
    }

    @Test
    void refusesARowOfAnotherWidth() {
        TableLayout layout = new TableLayout(RowType.F32, 2);
        MemorySegment out = MemorySegment.ofArray(new byte[16]);
        assertThatThrownBy(() -> RowEncoder.encode(layout, new float[3], out, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("row: expected 2 columns, found 3");
    }

    @Test
    void stridesAreMultiplesOf16() {
        assertThat(new TableLayout(RowType.INT8, 252).stride()).isEqualTo(256);
        assertThat(new TableLayout(RowType.INT8, 256).stride()).isEqualTo(272);
        assertThat(new TableLayout(RowType.INT4, 256).stride()).isEqualTo(144);
        assertThat(new TableLayout(RowType.BF16, 256).stride()).isEqualTo(512);
        assertThat(new TableLayout(RowType.BF16, 9).shape(5)).containsExactly(5L, 16L);
    }

    @Test
    void refusesInt4RowsOfAnOddWidth() {
        assertThatThrownBy(() -> new TableLayout(RowType.INT4, 3))
                .hasMessage("table dim: expected an even number for int4 rows, found 3");
    }
}
