package dev.loci.importer;

import dev.loci.tensor.SafetensorsFile;
import dev.loci.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A state dict over one or several mapped safetensors files.
final class Checkpoint implements AutoCloseable {
    private final List<SafetensorsFile> files = new ArrayList<>();
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();
    private final Map<String, String> fileNames = new LinkedHashMap<>();

    private Checkpoint() {}

    static Checkpoint open(List<Path> paths) {
        if (paths.isEmpty()) {
            throw ImportException.of("weights", "files", "at least one", "none");
        }
        Checkpoint checkpoint = new Checkpoint();
        boolean opened = false;
        try {
            paths.forEach(checkpoint::add);
            opened = true;
            return checkpoint;
        } finally {
            if (!opened) {
                checkpoint.close();
            }
        }
    }

    private void add(Path path) {
        SafetensorsFile file = SafetensorsFile.open(path);
        files.add(file);
        String fileName = path.getFileName().toString();
        for (Tensor tensor : file.tensors()) {
            String other = fileNames.putIfAbsent(tensor.name(), fileName);
            if (other != null) {
                throw ImportException.of(fileName, tensor.name(), "a tensor of one file", "it in " + other + " too");
            }
            tensors.put(tensor.name(), tensor);
        }
    }

    Set<String> names() {
        return tensors.keySet();
    }

    Optional<Tensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /// The file of a tensor, or what stands for all files where no file has it.
    String where(String name) {
        if (files.size() == 1) {
            return files.getFirst().path().getFileName().toString();
        }
        return fileNames.getOrDefault(name, "weights");
    }

    /// @param expected what the tensor should be, for the message where it is missing
    Tensor tensor(String name, String expected) {
        return find(name).orElseThrow(() -> ImportException.of(where(name), name, expected, "no such tensor"));
    }

    /// @throws ImportException if it is missing or has another shape
    Tensor tensor(String name, List<Long> shape) {
        Tensor tensor = tensor(name, "shape " + shape);
        if (!tensor.shape().equals(shape)) {
            throw ImportException.of(where(name), name, "shape " + shape, "shape " + tensor.shape());
        }
        return tensor;
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }
}
