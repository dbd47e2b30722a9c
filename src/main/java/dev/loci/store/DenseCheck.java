package dev.loci.store;

import dev.loci.tensor.DType;
import dev.loci.tensor.SafetensorsFile;
import dev.loci.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Compares the tensors of `model.safetensors` with those that the configuration implies.
final class DenseCheck {
    private static final String WHERE = ModelDirectory.DENSE_FILE + " @ header";

    private DenseCheck() {}

    static void check(ModelConfig config, SafetensorsFile file) {
        List<DenseTensor> expected = DenseTensor.of(config);
        Set<String> names = new HashSet<>();
        for (DenseTensor tensor : expected) {
            names.add(tensor.name());
            check(tensor, tensor.dtypes(config.denseType()), file.find(tensor.name()));
        }
        for (Tensor tensor : file.tensors()) {
            if (!names.contains(tensor.name())) {
                throw StoreException.of(
                        WHERE, tensor.name(), "no tensor of this name", tensor.dtype() + " " + tensor.shape());
            }
        }
    }

    private static void check(DenseTensor expected, Set<DType> dtypes, Optional<Tensor> found) {
        if (found.isEmpty()) {
            throw StoreException.of(WHERE, expected.name(), "shape " + expected.shape(), "no such tensor");
        }
        Tensor tensor = found.get();
        if (!tensor.shape().equals(expected.shape())) {
            throw StoreException.of(WHERE, expected.name(), "shape " + expected.shape(), "shape " + tensor.shape());
        }
        if (!dtypes.contains(tensor.dtype())) {
            List<String> names = new TreeSet<>(dtypes).stream().map(DType::name).toList();
            throw StoreException.of(
                    WHERE,
                    expected.name() + " dtype",
                    String.join(" or ", names),
                    tensor.dtype().name());
        }
    }
}
