package dev.loci.importer;

import dev.loci.kernel.RowType;
import dev.loci.store.RowEncoder;
import dev.loci.store.RowSource;
import dev.loci.store.TableLayout;
import dev.loci.tensor.DType;
import dev.loci.tensor.FloatElements;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;

/// Seeded random rows. A row depends on seed, part and row number alone, so files split in any way hold the same rows.
final class RandomRows {
    private static final int POOL = 1 << 16;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long EACH_BYTE = 0x7f7f7f7f7f7f7f7fL;
    private static final long EACH_NIBBLE = 0x7777777777777777L;

    private final long seed;
    private final float[] normal = new float[POOL];

    RandomRows(long seed) {
        this.seed = seed;
        Random random = new Random(seed);
        for (int i = 0; i < POOL; i++) {
            normal[i] = (float) random.nextGaussian();
        }
    }

    /// Rows of draws from N(0, deviation^2).
    FloatRows normal(int part, double deviation) {
        long partSeed = SplitMix.seed(seed, part);
        float scale = (float) deviation;
        return (row, out) -> {
            long rowSeed = SplitMix.seed(partSeed, row);
            long bits = 0;
            for (int i = 0; i < out.length; i++) {
                bits = (i & 3) == 0 ? SplitMix.at(rowSeed, i >> 2) : bits >>> 16;
                out[i] = scale * normal[(int) (bits & 0xffff)];
            }
        };
    }

    /// Rows of a value table, made in the bytes of their layout: normal draws, or for quantised rows uniform ones of
    /// the same
    /// deviation.
    RowSource table(int part, double deviation, TableLayout layout) {
        long partSeed = SplitMix.seed(seed, part);
        int stride = layout.stride();
        return switch (layout.type()) {
            case F32 -> elements(partSeed, layout, floats(deviation));
            case BF16, F16 -> elements(partSeed, layout, halves(deviation, layout.dtype()));
            case INT8, INT4 -> {
                int max = layout.type() == RowType.INT8 ? RowEncoder.INT8_MAX : RowEncoder.INT4_MAX;
                float scale = (float) (deviation * Math.sqrt(3) / max);
                yield (first, count, out) -> {
                    for (int i = 0; i < count; i++) {
                        long offset = (long) i * stride;
                        fillQuantised(SplitMix.seed(partSeed, first + i), layout, out.asSlice(offset, stride));
                        RowEncoder.writeScale(layout, scale, out, offset);
                    }
                };
            }
        };
    }

    private interface Element {
        void put(int random, MemorySegment out, long offset);
    }

    private Element floats(double deviation) {
        int[] pool = new int[POOL];
        for (int i = 0; i < POOL; i++) {
            pool[i] = Float.floatToRawIntBits((float) deviation * normal[i]);
        }
        return (random, out, offset) -> out.set(INT, offset, pool[random]);
    }

    private Element halves(double deviation, DType dtype) {
        short[] pool = new short[POOL];
        for (int i = 0; i < POOL; i++) {
            float value = (float) deviation * normal[i];
            pool[i] = dtype == DType.F16 ? Float.floatToFloat16(value) : FloatElements.toBf16(value);
        }
        return (random, out, offset) -> out.set(SHORT, offset, pool[random]);
    }

    private static RowSource elements(long partSeed, TableLayout layout, Element element) {
        int bytes = layout.dtype().bytes();
        int dim = layout.dim();
        int stride = layout.stride();
        return (first, count, out) -> {
            out.fill((byte) 0);
            for (int i = 0; i < count; i++) {
                long rowSeed = SplitMix.seed(partSeed, first + i);
                long offset = (long) i * stride;
                long bits = 0;
                for (int c = 0; c < dim; c++) {
                    bits = (c & 3) == 0 ? SplitMix.at(rowSeed, c >> 2) : bits >>> 16;
                    element.put((int) (bits & 0xffff), out, offset + (long) c * bytes);
                }
            }
        };
    }

    private static void fillQuantised(long rowSeed, TableLayout layout, MemorySegment row) {
        int used = layout.type().rowBytes(layout.dim()) - Float.BYTES;
        boolean bytes = layout.type() == RowType.INT8;
        // The stride is a multiple of 8; what lies behind the values is overwritten or zeroed.
        for (int at = 0; at < used; at += 8) {
            long random = SplitMix.at(rowSeed, at >> 3);
            row.set(LONG, at, bytes ? withoutLeastByte(random) : withoutZeroNibble(random));
        }
        row.asSlice(used).fill((byte) 0);
    }

    /// Turns each byte -128, which no int8 row has, into -127.
    static long withoutLeastByte(long bytes) {
        long flipped = bytes ^ ~EACH_BYTE;
        long zeros = ~((flipped & EACH_BYTE) + EACH_BYTE | flipped | EACH_BYTE);
        return bytes | zeros >>> 7;
    }

    /// Turns each nibble 0, which no int4 row has, into 1.
    static long withoutZeroNibble(long nibbles) {
        long zeros = ~((nibbles & EACH_NIBBLE) + EACH_NIBBLE | nibbles | EACH_NIBBLE);
        return nibbles | zeros >>> 3;
    }
}
