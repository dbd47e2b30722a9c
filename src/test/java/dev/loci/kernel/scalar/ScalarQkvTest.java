package dev.loci.kernel.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.loci.kernel.KvPages;
import dev.loci.kernel.KvType;
import dev.loci.kernel.Norm;
import dev.loci.kernel.QkvShape;
import dev.loci.kernel.StepTokens;
import dev.loci.kernel.Values;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/// One head of two columns; position 0 does not turn, position 1 turns by a quarter.
final class ScalarQkvTest extends ScalarTestCase {
    private static final float NO_CLIP = Float.POSITIVE_INFINITY;

    private final Norm none = new Norm(Norm.Kind.RMS, MemorySegment.NULL, 2, 0);
    private final MemorySegment cosSin = Values.f32(arena, 1, 0, 0, 1);
    private final MemorySegment q = arena.allocate(8, 4);

    @Test
    void rotatesQueriesAndKeysButNotValues() {
        KvPages cache = cache(KvType.F32);
        prepare(cache, new QkvShape(1, NO_CLIP, false, none, none, cosSin, 2), 1, 1, 2, 3, 4, 5, 6);
        assertThat(Values.f32s(q)).containsExactly(-2, 1);
        // page 1, slot 1
        assertThat(Values.f32s(cache.keys())).containsExactly(0, 0, 0, 0, 0, 0, -4, 3);
        assertThat(Values.f32s(cache.values())).containsExactly(0, 0, 0, 0, 0, 0, 5, 6);
    }

    @Test
    void clipsBeforeItNormalises() {
        // q (10, 1) is clipped to (7, 1), mean square 25; k (1, -9) to (1, -7); v (-8, 2) to (-7, 2)
        KvPages cache = cache(KvType.F32);
        Norm doubled = new Norm(Norm.Kind.RMS, Values.f32(arena, 2, 1), 2, 0);
        prepare(cache, new QkvShape(1, 7, true, none, doubled, cosSin, 2), 0, 10, 1, 1, -9, -8, 2);
        assertThat(Values.f32s(q)).containsExactly(1.4f, 0.2f);
        assertThat(Values.f32s(cache.keys())).containsExactly(0, 0, 0, 0, 0.4f, -1.4f, 0, 0);
        assertThat(Values.f32s(cache.values())).containsExactly(0, 0, 0, 0, -7, 2, 0, 0);
    }

    @Test
    void layerNormOfAHeadCentres() {
        // q (1, 5): mean 3, variance 4; k (2, -2): mean 0, variance 4
        Norm layer = new Norm(Norm.Kind.LAYER, MemorySegment.NULL, 2, 0);
        KvPages cache = cache(KvType.F32);
        prepare(cache, new QkvShape(1, NO_CLIP, true, layer, layer, cosSin, 2), 0, 1, 5, 2, -2, 0, 0);
        assertThat(Values.f32s(q)).containsExactly(-1, 1);
        assertThat(Values.f32s(cache.keys())).containsExactly(0, 0, 0, 0, 1, -1, 0, 0);
    }

    @Test
    void roundsHalfBitsToEven() {
        // bf16 has 8 bits: 257 lies between 256 and 258, 259 between 258 and 260
        KvPages bf16 = cache(KvType.BF16);
        prepare(bf16, plain(), 0, 0, 0, 257, 259, 0x1p-133f, -0.0f);
        assertThat(shorts(bf16.keys(), 4)).containsExactly(0x4380, 0x4382);
        assertThat(shorts(bf16.values(), 4)).containsExactly(0x0001, 0x8000);
        // f16 has 11 bits: 2049 lies between 2048 and 2050, 2051 between 2050 and 2052; 65520 is the first infinity
        KvPages f16 = cache(KvType.F16);
        prepare(f16, plain(), 0, 0, 0, 2049, 2051, 65_520, 65_519);
        assertThat(shorts(f16.keys(), 4)).containsExactly(0x6800, 0x6802);
        assertThat(shorts(f16.values(), 4)).containsExactly(0x7C00, 0x7BFF);
    }

    @Test
    void keepsInt8RowsWithTheirScale() {
        KvPages cache = cache(KvType.INT8);
        prepare(cache, plain(), 0, 0, 0, 254, -5, 0, 0);
        // rows of 6 bytes; page 1, slot 0: scale 2; -2.5 is rounded to -2
        assertThat(cache.keys().get(ValueLayout.JAVA_BYTE, 12)).isEqualTo((byte) 127);
        assertThat(cache.keys().get(ValueLayout.JAVA_BYTE, 13)).isEqualTo((byte) -2);
        assertThat(cache.keys().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 14)).isEqualTo(2);
        assertThat(cache.values().get(ValueLayout.JAVA_FLOAT_UNALIGNED, 14)).isZero();
    }

    @Test
    void refusesAPositionWithoutAngles() {
        QkvShape shape = new QkvShape(1, NO_CLIP, false, none, none, cosSin, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> prepare(cache(KvType.F32), shape, 1, 1, 2, 3, 4, 5, 6))
                .withMessage("scalar qkv, position of token 0: expected 0 to 0, found 1");
    }

    private QkvShape plain() {
        return new QkvShape(1, NO_CLIP, false, none, none, cosSin, 2);
    }

    private void prepare(KvPages cache, QkvShape shape, int position, float... qkv) {
        StepTokens tokens = new StepTokens(Values.i32(arena, position), Values.i32(arena, 0), 1);
        new ScalarQkv().prepare(Values.f32(arena, qkv), shape, tokens, cache, q);
    }

    /// Two pages of two tokens; the one sequence uses page 1.
    private KvPages cache(KvType type) {
        long bytes = 4L * type.rowBytes(2);
        return new KvPages(
                type, arena.allocate(bytes, 4), arena.allocate(bytes, 4), 2, 2, 1, 2, Values.i32(arena, 1), 1, 1);
    }

    private static int[] shorts(MemorySegment rows, long index) {
        return new int[] {
            rows.getAtIndex(ValueLayout.JAVA_SHORT, index) & 0xFFFF,
            rows.getAtIndex(ValueLayout.JAVA_SHORT, index + 1) & 0xFFFF
        };
    }
}
