package dev.loci.importer;

import dev.loci.store.DenseTensor;
import dev.loci.store.ModelConfig;
import dev.loci.tensor.DType;
import dev.loci.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.BitSet;

/// Checks of the values of a memory layer's small tensors.
final class MemoryCheck {
    /// The trainer saves u and v one step behind the cores: close to their leading singular pair, not equal to it.
    private static final double MIN_COSINE = 0.9;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private MemoryCheck() {}

    static void check(Checkpoint checkpoint, ModelConfig.Memory memory, int layer) {
        String shuffle = DenseTensor.memory(layer, "shuffle_index");
        checkPermutation(checkpoint.where(shuffle), checkpoint.tensor(shuffle, "a permutation"));
        for (int head = 0; head < memory.heads(); head++) {
            checkVectors(checkpoint, memory, layer, head);
        }
    }

    /// An element of a shuffle of either type.
    static long index(Tensor shuffle, long i) {
        return shuffle.dtype() == DType.I64
                ? shuffle.data().get(LONG, i * 8)
                : shuffle.data().get(INT, i * 4);
    }

    private static void checkPermutation(String where, Tensor shuffle) {
        long count = shuffle.elements();
        BitSet seen = new BitSet(Math.toIntExact(count));
        for (long i = 0; i < count; i++) {
            long value = index(shuffle, i);
            String what = shuffle.name() + "[" + i + "]";
            if (value < 0 || value >= count) {
                throw ImportException.of(where, what, "a number in [0, " + count + ")", Long.toString(value));
            }
            if (seen.get((int) value)) {
                throw ImportException.of(where, what, "each number once", value + " again");
            }
            seen.set((int) value);
        }
    }

    private static void checkVectors(Checkpoint checkpoint, ModelConfig.Memory memory, int layer, int head) {
        int rank = memory.rank();
        double[] u = row(checkpoint, DenseTensor.memory(layer, "tucker_core_u"), head, rank);
        double[] v = row(checkpoint, DenseTensor.memory(layer, "tucker_core_v"), head, rank);
        double[] product = new double[rank];
        for (int core = 0; core < memory.cores(); core++) {
            String name = DenseTensor.memory(layer, "tucker_core." + core);
            for (int i = 0; i < rank; i++) {
                product[i] += dot(row(checkpoint, name, (long) head * rank + i, rank), v);
            }
        }
        double cosine = dot(product, u) / Math.sqrt(dot(product, product) * dot(u, u));
        if (!(cosine >= MIN_COSINE)) {
            String name = DenseTensor.memory(layer, "tucker_core_u");
            throw ImportException.of(
                    checkpoint.where(name),
                    name + " head " + head,
                    "a cosine of at least " + MIN_COSINE + " with the sum of the cores times tucker_core_v",
                    Double.toString(cosine));
        }
    }

    private static double[] row(Checkpoint checkpoint, String name, long row, int rank) {
        Tensor tensor = checkpoint.tensor(name, "floats");
        float[] floats = new float[rank];
        FloatRows.of(checkpoint.where(name), tensor, DType.F32).read(row, floats);
        double[] out = new double[rank];
        boolean zero = true;
        for (int i = 0; i < rank; i++) {
            out[i] = floats[i];
            zero &= floats[i] == 0;
        }
        if (zero && !name.contains("tucker_core.")) {
            throw ImportException.of(checkpoint.where(name), name + " head " + row, "a vector other than 0", "zeros");
        }
        return out;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
