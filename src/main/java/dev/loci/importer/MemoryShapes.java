package dev.loci.importer;

import dev.loci.kernel.RowType;
import dev.loci.store.DenseTensor;
import dev.loci.store.ModelConfig;
import dev.loci.tensor.Tensor;
import java.util.List;
import java.util.TreeSet;

/// What a configuration leaves to the shapes of the tensors: rank, cores and value expansion, taken from the first
/// memory layer.
final class MemoryShapes {
    static final String VALUES = "values_for_look_up";
    /// Eps of the RMS norms of queries and keys, a constant of the trainer.
    static final float NORM_EPS = 1e-5f;

    private static final String BLOCKS = "transformer.mem_blocks.";
    private static final String CORES = DenseTensor.memory(0, "tucker_core.");

    private final String where;
    private final Checkpoint checkpoint;

    private MemoryShapes(String where, Checkpoint checkpoint) {
        this.where = where;
        this.checkpoint = checkpoint;
    }

    static ModelConfig.Memory of(String where, UltraMemConfig.Memory config, Checkpoint checkpoint, RowType type) {
        return new MemoryShapes(where, checkpoint).read(config, type);
    }

    private ModelConfig.Memory read(UltraMemConfig.Memory config, RowType type) {
        checkLayers(config.spans().size());
        long rows = (long) config.knum() * config.knum();
        checkpoint.tensor(DenseTensor.memory(0, VALUES), List.of(rows, (long) config.vdim()));
        List<Long> keys = keys(config);
        int axisKeys = Math.toIntExact(keys.get(2));
        int groups = groups(rows, axisKeys);
        if (config.knn() > axisKeys) {
            throw ImportException.of(
                    where, "mem_knn", "1 to " + axisKeys + ", the keys of an axis", Integer.toString(config.knn()));
        }
        int cores = cores(keys.get(4));
        if (config.vdim() % cores != 0) {
            throw ImportException.of(
                    where,
                    "mem_vdim",
                    "a multiple of " + cores + ", the Tucker cores",
                    Integer.toString(config.vdim()));
        }
        return new ModelConfig.Memory(
                config.spans(),
                config.heads(),
                config.kdim(),
                axisKeys,
                Math.toIntExact(keys.get(4)),
                cores,
                groups,
                rows,
                config.vdim(),
                config.knn(),
                NORM_EPS,
                type);
    }

    private void checkLayers(int expected) {
        TreeSet<String> layers = new TreeSet<>();
        for (String name : checkpoint.names()) {
            if (name.startsWith(BLOCKS)) {
                layers.add(name.substring(BLOCKS.length()).split("\\.", 2)[0]);
            }
        }
        if (layers.size() != expected) {
            throw ImportException.of(
                    where,
                    "mem_insert_way",
                    layers.size() + " ranges, one for each of the weights' mem_blocks",
                    Integer.toString(expected));
        }
    }

    private List<Long> keys(UltraMemConfig.Memory config) {
        String name = DenseTensor.memory(0, "keys");
        String expected = "shape [" + config.heads() + ", 2, n, " + config.kdim() + ", r]";
        List<Long> shape = checkpoint.tensor(name, expected).shape();
        boolean fits = shape.size() == 5
                && shape.get(0) == config.heads()
                && shape.get(1) == 2
                && shape.get(3) == config.kdim()
                && shape.get(2) >= 1
                && shape.get(2) <= Integer.MAX_VALUE
                && shape.get(4) >= 1
                && shape.get(4) <= 64;
        if (!fits) {
            throw ImportException.of(checkpoint.where(name), name, expected, "shape " + shape);
        }
        return shape;
    }

    private int groups(long rows, int axisKeys) {
        String name = DenseTensor.memory(0, "shuffle_index");
        long square = (long) axisKeys * axisKeys;
        if (square % rows != 0 || square > Integer.MAX_VALUE) {
            throw ImportException.of(
                    checkpoint.where(name),
                    DenseTensor.memory(0, "keys"),
                    "n keys an axis with n * n a multiple of " + rows + " rows and below 2^31",
                    axisKeys + " keys");
        }
        checkpoint.tensor(name, List.of(square));
        return Math.toIntExact(square / rows);
    }

    private int cores(long rank) {
        int cores = 0;
        for (String name : checkpoint.names()) {
            cores += name.startsWith(CORES) ? 1 : 0;
        }
        if (cores == 0) {
            Tensor keys = checkpoint.tensor(DenseTensor.memory(0, "keys"), "keys");
            List<Long> shape = List.of(keys.shape().getFirst(), rank, rank);
            checkpoint.tensor(CORES + 0, shape);
        }
        return cores;
    }
}
