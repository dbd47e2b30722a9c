package dev.loci.model;

import dev.loci.kernel.Matrix;
import dev.loci.kernel.MatrixLayout;
import dev.loci.kernel.Norm;
import dev.loci.kernel.RetrievalKeys;
import dev.loci.kernel.WeightType;
import dev.loci.store.ModelConfig;
import dev.loci.store.ModelDirectory;
import dev.loci.tensor.DType;
import dev.loci.tensor.FloatElements;
import dev.loci.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// Turns the tensors of a directory into what kernels take: matrices where they lie, small vectors as f32 copies.
final class WeightBinder {
    private final ModelDirectory directory;
    private final Arena arena;
    private final WeightType denseType;
    private final Optional<WeightPacker> packer;
    private final MemorySegment panels;
    private long packed;

    /// @param arena  owns the copies
    /// @param packer empty: matrices stay where they lie
    WeightBinder(ModelDirectory directory, Arena arena, Optional<WeightPacker> packer) {
        this.directory = directory;
        this.arena = arena;
        this.denseType = directory.config().denseType();
        this.packer = packer.filter(one -> one.packs(denseType));
        this.panels =
                this.packer.map(one -> one.reserve(directory.config(), arena)).orElse(MemorySegment.NULL);
    }

    /// A matrix for products: in panels, where there is a packer for its type.
    Matrix matrix(String name, int rows, int columns) {
        Matrix inPlace = matrixInPlace(name, rows, columns);
        if (packer.isEmpty()) {
            return inPlace;
        }
        long bytes = MatrixLayout.PANELS.bytes(denseType, rows, columns);
        MemorySegment to = panels.asSlice(packed, bytes);
        packed += bytes;
        return packer.get().pack(inPlace, to);
    }

    /// A matrix in place, borrowed from the directory.
    Matrix matrixInPlace(String name, int rows, int columns) {
        MemorySegment scales =
                denseType == WeightType.INT8 ? directory.dense(name + ".scale").data() : MemorySegment.NULL;
        return new Matrix(denseType, directory.dense(name).data(), scales, rows, columns);
    }

    /// A norm whose weight is the named tensor.
    Norm norm(Norm.Kind kind, String name, int dim, float eps) {
        return new Norm(kind, f32(name), dim, eps);
    }

    /// Integers in place, borrowed from the directory.
    MemorySegment i32(String name) {
        return directory.dense(name).data();
    }

    /// A copy of the tensor as f32.
    MemorySegment f32(String name) {
        Tensor tensor = directory.dense(name);
        float[] values = new float[Math.toIntExact(tensor.elements())];
        FloatElements.read(tensor.dtype(), tensor.data(), 0, values, values.length);
        MemorySegment copy = arena.allocate(4L * values.length, 64);
        MemorySegment.copy(values, 0, copy, ValueLayout.JAVA_FLOAT, 0, values.length);
        return copy;
    }

    /// Tensors `prefix0`, `prefix1` and so on, one behind the other, as f32.
    MemorySegment concatenated(String prefix, int count) {
        MemorySegment first = f32(prefix + 0);
        MemorySegment all = arena.allocate(Math.multiplyExact(first.byteSize(), count), 64);
        for (int i = 0; i < count; i++) {
            all.asSlice(i * first.byteSize(), first.byteSize()).copyFrom(f32(prefix + i));
        }
        return all;
    }

    /// What the keys of memory layers are multiplied as.
    WeightType keyType() {
        return packer.map(one -> one.keys(denseType)).orElse(WeightType.F32);
    }

    /// Keys of a memory layer, normalised with the gain named, as [RetrievalKeys] wants those of [#keyType].
    MemorySegment keys(String name, String gain, ModelConfig.Memory memory) {
        if (keyType() == WeightType.F32) {
            return normalizedKeys(name, gain, memory, arena);
        }
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment floats = normalizedKeys(name, gain, memory, scratch);
            MemorySegment halves = scratch.allocate(floats.byteSize() / 2, 64);
            float[] row = new float[memory.keyDim()];
            for (long first = 0; first < halves.byteSize() / 2; first += row.length) {
                FloatElements.read(DType.F32, floats, first, row, row.length);
                FloatElements.write(DType.BF16, row, row.length, halves, 2 * first);
            }
            return packedKeys(halves, memory);
        }
    }

    private MemorySegment packedKeys(MemorySegment halves, ModelConfig.Memory memory) {
        int matrices = Math.multiplyExact(2, memory.heads());
        int rows = Math.multiplyExact(memory.axisKeys(), memory.rank());
        long each = RetrievalKeys.matrixBytes(WeightType.BF16, memory.axisKeys(), memory.rank(), memory.keyDim());
        MemorySegment keys = panels.asSlice(packed, Math.multiplyExact(each, matrices));
        packed += keys.byteSize();
        long eachHalves = halves.byteSize() / matrices;
        for (int i = 0; i < matrices; i++) {
            MemorySegment data = halves.asSlice(i * eachHalves, eachHalves);
            Matrix from = new Matrix(WeightType.BF16, data, MemorySegment.NULL, rows, memory.keyDim());
            packer.orElseThrow().pack(from, keys.asSlice(i * each, each));
        }
        return keys;
    }

    /// `[heads][2][axisKeys][keyDim][rank]` in the directory, normalised over keyDim for each rank and turned to `f32
    /// [heads][2][axisKeys][rank][keyDim]`.
    private MemorySegment normalizedKeys(String name, String gainName, ModelConfig.Memory memory, Arena owner) {
        Tensor tensor = directory.dense(name);
        int keyDim = memory.keyDim();
        int rank = memory.rank();
        MemorySegment keys = owner.allocate(Math.multiplyExact(tensor.elements(), 4L), 64);
        float[] gain = f32(gainName).toArray(ValueLayout.JAVA_FLOAT);
        float[] row = new float[Math.multiplyExact(keyDim, rank)];
        float[] normalized = new float[row.length];
        for (long start = 0; start < tensor.elements(); start += row.length) {
            FloatElements.read(tensor.dtype(), tensor.data(), start, row, row.length);
            for (int r = 0; r < rank; r++) {
                double squares = 0;
                for (int d = 0; d < keyDim; d++) {
                    double value = row[d * rank + r];
                    squares += value * value;
                }
                double factor = 1 / Math.sqrt(squares / keyDim + memory.normEps());
                for (int d = 0; d < keyDim; d++) {
                    normalized[r * keyDim + d] = (float) (row[d * rank + r] * factor * gain[d]);
                }
            }
            MemorySegment.copy(normalized, 0, keys, ValueLayout.JAVA_FLOAT, start * 4, row.length);
        }
        return keys;
    }
}
