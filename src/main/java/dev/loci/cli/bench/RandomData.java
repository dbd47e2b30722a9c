package dev.loci.cli.bench;

import dev.loci.kernel.Hits;
import dev.loci.kernel.Matrix;
import dev.loci.kernel.MatrixLayout;
import dev.loci.kernel.PackKernel;
import dev.loci.kernel.RetrievalKeys;
import dev.loci.kernel.RowType;
import dev.loci.kernel.TableRows;
import dev.loci.kernel.WeightType;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;

/// Inputs of kernels, the same in every run.
final class RandomData {
    private final Arena arena;
    private final SplittableRandom random = new SplittableRandom(1);

    RandomData(Arena arena) {
        this.arena = arena;
    }

    MemorySegment zeros(long bytes) {
        return arena.allocate(bytes, 64);
    }

    /// Between -spread and spread.
    MemorySegment floats(long count, double spread) {
        MemorySegment floats = zeros(4 * count);
        for (long i = 0; i < count; i++) {
            floats.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (spread * (2 * random.nextDouble() - 1)));
        }
        return floats;
    }

    MemorySegment ints(long count, long bound) {
        MemorySegment ints = zeros(4 * count);
        for (long i = 0; i < count; i++) {
            ints.setAtIndex(ValueLayout.JAVA_INT, i, (int) random.nextLong(bound));
        }
        return ints;
    }

    MemorySegment positions(int... positions) {
        MemorySegment ints = zeros(4L * positions.length);
        MemorySegment.copy(positions, 0, ints, ValueLayout.JAVA_INT, 0, positions.length);
        return ints;
    }

    Matrix matrix(WeightType type, int rows, int columns) {
        long count = (long) rows * columns;
        return switch (type) {
            case F32 -> new Matrix(type, floats(count, 1), MemorySegment.NULL, rows, columns);
            case BF16 -> new Matrix(type, halves(zeros(2 * count)), MemorySegment.NULL, rows, columns);
            case INT8 -> new Matrix(type, bytes(zeros(count)), floats(rows, 0.01), rows, columns);
        };
    }

    Matrix panels(Matrix rows, PackKernel pack) {
        MemorySegment data = zeros(MatrixLayout.PANELS.bytes(rows.type(), rows.rows(), rows.columns()));
        pack.pack(rows, data);
        return new Matrix(rows.type(), data, rows.scales(), rows.rows(), rows.columns(), MatrixLayout.PANELS);
    }

    /// bf16 or f16 between 1 and 2 in size: their exponents' bits fit either.
    MemorySegment halves(MemorySegment segment) {
        for (long i = 0; i < segment.byteSize() / 2; i++) {
            int bits = random.nextInt();
            segment.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) ((bits & 0x803F) | 0x3F80));
        }
        return segment;
    }

    private MemorySegment bytes(MemorySegment segment) {
        for (long i = 0; i < segment.byteSize(); i++) {
            segment.set(ValueLayout.JAVA_BYTE, i, (byte) (random.nextInt(255) - 127));
        }
        return segment;
    }

    TableRows table(RowType type, int dim, long stride, long tableBytes) {
        long rows = Math.min(Integer.MAX_VALUE, tableBytes / stride);
        MemorySegment data = zeros(rows * stride);
        for (long at = 0; at + 8 <= data.byteSize(); at += 8) {
            // nibbles 1..15, bytes that are values, halves and floats that are finite
            data.set(
                    ValueLayout.JAVA_LONG_UNALIGNED,
                    at,
                    (random.nextLong() & 0x3E3E3E3E3E3E3E3EL) | 0x1111111111111111L);
        }
        if (type == RowType.INT8 || type == RowType.INT4) {
            for (long row = 0; row < rows; row++) {
                data.set(ValueLayout.JAVA_FLOAT_UNALIGNED, row * stride + type.rowBytes(dim) - 4, 0.01f);
            }
        }
        return new TableRows(type, List.of(new TableRows.Part(data, 0, rows)), rows, dim, stride);
    }

    Hits hits(int tokens, int hits, int cores, int groups, long rows) {
        long count = (long) tokens * hits;
        return new Hits(ints(count, rows), ints(count, groups), floats(count * cores, 1), hits, cores);
    }

    RetrievalKeys keys(ModelConfig.Memory memory) {
        long vectors = 2L * memory.heads() * memory.axisKeys() * memory.rank();
        long ranks = (long) memory.heads() * memory.rank();
        MemorySegment shuffle = zeros(4L * memory.axisKeys() * memory.axisKeys());
        for (long i = 0; i < (long) memory.axisKeys() * memory.axisKeys(); i++) {
            shuffle.setAtIndex(ValueLayout.JAVA_INT, i, (int) (i % ((long) memory.groups() * memory.rows())));
        }
        return new RetrievalKeys(
                floats(vectors * memory.keyDim(), 1 / Math.sqrt(memory.keyDim())),
                floats(ranks, 1),
                floats(ranks, 1),
                floats(memory.cores() * ranks * memory.rank(), 1),
                shuffle,
                memory.heads(),
                memory.axisKeys(),
                memory.keyDim(),
                memory.rank(),
                memory.cores(),
                memory.top(),
                memory.groups(),
                memory.rows());
    }
}
