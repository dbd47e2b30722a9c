package dev.loci.model;

import dev.loci.kernel.Activations;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.Matrix;
import dev.loci.kernel.MatrixLayout;
import dev.loci.kernel.RetrievalKeys;
import dev.loci.kernel.WeightType;
import dev.loci.store.DenseTensor;
import dev.loci.store.ModelConfig;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Copies matrices into the layout that products read fastest, in one block of memory, in huge pages where there are
/// any. A copy costs what reading the weights once costs, and the file's pages can leave memory again.
public final class WeightPacker {
    private static final long HUGE_PAGE = 2L << 20;

    private final Kernels kernels;
    private final MappedMemory memory;
    private final boolean reducedActivations;

    /// @param kernels            used while a model is opened; borrowed
    /// @param reducedActivations whether int8 weights take int8 activations, and bf16 weights bf16 ones where the
    ///                           CPU is faster with those; otherwise all activations are f32
    public WeightPacker(Kernels kernels, MappedMemory memory, boolean reducedActivations) {
        this.kernels = kernels;
        this.memory = memory;
        this.reducedActivations = reducedActivations;
    }

    /// What matrices of a type are multiplied with.
    public Activations activations(WeightType type) {
        return switch (type) {
            case F32 -> Activations.F32;
            case BF16 -> reducedActivations && kernels.multipliesBf16() ? Activations.BF16 : Activations.F32;
            case INT8 -> reducedActivations ? Activations.INT8 : Activations.F32;
        };
    }

    /// Whether products with those activations take panels.
    boolean packs(WeightType type) {
        return type == WeightType.BF16 || activations(type) == Activations.INT8;
    }

    /// What the keys of memory layers are, beside matrices of a type: bf16, in panels, where activations are reduced
    /// and
    /// the CPU multiplies bf16.
    WeightType keys(WeightType denseType) {
        boolean reduced = activations(denseType) != Activations.F32;
        return reduced && kernels.multipliesBf16() ? WeightType.BF16 : WeightType.F32;
    }

    /// Memory for all matrices of a model that [#pack] will be called for, keys among them.
    /// @param arena owns it
    MemorySegment reserve(ModelConfig config, Arena arena) {
        WeightType type = config.denseType();
        long bytes = 0;
        for (DenseTensor tensor : DenseTensor.of(config)) {
            boolean packed = tensor.role() == DenseTensor.Role.MATRIX
                    && (config.tiedOutput() || !tensor.name().equals(DenseTensor.EMBEDDING));
            if (packed) {
                int rows = Math.toIntExact(tensor.shape().get(0));
                int columns = Math.toIntExact(tensor.shape().get(1));
                bytes = Math.addExact(bytes, MatrixLayout.PANELS.bytes(type, rows, columns));
            }
        }
        if (keys(type) == WeightType.BF16 && config.memory().isPresent()) {
            ModelConfig.Memory layer = config.memory().get();
            long matrices = 2L * layer.heads() * layer.spans().size();
            long each = RetrievalKeys.matrixBytes(WeightType.BF16, layer.axisKeys(), layer.rank(), layer.keyDim());
            bytes = Math.addExact(bytes, Math.multiplyExact(matrices, each));
        }
        return memory.allocate(bytes, bytes >= HUGE_PAGE, arena);
    }

    /// @param to whole bytes of the matrix in panels
    Matrix pack(Matrix from, MemorySegment to) {
        kernels.pack().pack(from, to);
        return new Matrix(from.type(), to, from.scales(), from.rows(), from.columns(), MatrixLayout.PANELS);
    }
}
