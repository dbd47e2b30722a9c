package dev.loci.importer;

import dev.loci.tensor.DType;
import dev.loci.tensor.FloatElements;
import dev.loci.tensor.SafetensorsFile;
import dev.loci.tensor.SafetensorsWriter;
import dev.loci.tensor.SafetensorsWriter.Declared;
import dev.loci.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The weights of a golden model, to be changed and written anew.
final class GoldenCheckpoint {
    static final Path GOLDEN = Path.of("src/test/resources/golden");
    static final Path TOKENIZER = GOLDEN.resolve("tokenizer.json");

    private record Data(DType dtype, List<Long> shape, ByteBuffer bytes) {}

    private final Map<String, Data> tensors = new TreeMap<>();

    static Path weights(String name) {
        return GOLDEN.resolve(name + ".weights.safetensors");
    }

    static Path config(String name) {
        return GOLDEN.resolve(name + ".config.json");
    }

    static GoldenCheckpoint of(String name) {
        GoldenCheckpoint golden = new GoldenCheckpoint();
        try (SafetensorsFile file = SafetensorsFile.open(weights(name))) {
            for (Tensor tensor : file.tensors()) {
                byte[] bytes = tensor.data().toArray(ValueLayout.JAVA_BYTE);
                golden.tensors.put(tensor.name(), new Data(tensor.dtype(), tensor.shape(), ByteBuffer.wrap(bytes)));
            }
        }
        return golden;
    }

    GoldenCheckpoint remove(String name) {
        if (tensors.remove(name) == null) {
            throw new AssertionError(name);
        }
        return this;
    }

    GoldenCheckpoint zeros(String name, DType dtype, Long... shape) {
        long bytes = new Declared(name, dtype, List.of(shape)).bytes();
        tensors.put(name, new Data(dtype, List.of(shape), ByteBuffer.allocate(Math.toIntExact(bytes))));
        return this;
    }

    GoldenCheckpoint rename(String from, String to) {
        Data data = tensors.get(from);
        remove(from);
        tensors.put(to, data);
        return this;
    }

    GoldenCheckpoint edit(String name, Consumer<ByteBuffer> edit) {
        edit.accept(ByteBuffer.wrap(tensors.get(name).bytes().array()).order(ByteOrder.LITTLE_ENDIAN));
        return this;
    }

    /// Turns all f32 tensors into another floating-point type.
    GoldenCheckpoint floatsAs(DType dtype) {
        tensors.replaceAll((name, data) -> data.dtype() == DType.F32 ? converted(data, dtype) : data);
        return this;
    }

    private static Data converted(Data data, DType dtype) {
        int count = data.bytes().capacity() / 4;
        float[] floats = new float[count];
        FloatElements.read(DType.F32, MemorySegment.ofArray(data.bytes().array()), 0, floats, count);
        ByteBuffer out = ByteBuffer.allocate(count * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        if (dtype == DType.F64) {
            for (float value : floats) {
                out.putDouble(value);
            }
        } else {
            FloatElements.write(dtype, floats, count, MemorySegment.ofArray(out.array()), 0);
        }
        return new Data(dtype, data.shape(), out);
    }

    GoldenCheckpoint indicesAsI32() {
        tensors.replaceAll((name, data) -> {
            if (data.dtype() != DType.I64) {
                return data;
            }
            ByteBuffer in = ByteBuffer.wrap(data.bytes().array()).order(ByteOrder.LITTLE_ENDIAN);
            ByteBuffer out = ByteBuffer.allocate(data.bytes().capacity() / 2).order(ByteOrder.LITTLE_ENDIAN);
            while (in.hasRemaining()) {
                out.putInt((int) in.getLong());
            }
            return new Data(DType.I32, data.shape(), out);
        });
        return this;
    }

    /// Writes all tensors whose name begins so.
    Path write(Path file, String prefix) {
        List<Declared> declared = new ArrayList<>();
        tensors.forEach((name, data) -> {
            if (name.startsWith(prefix)) {
                declared.add(new Declared(name, data.dtype(), data.shape()));
            }
        });
        declared.sort(Comparator.comparing(tensor -> -tensor.dtype().bytes()));
        try (SafetensorsWriter writer = SafetensorsWriter.open(file, declared, Map.of())) {
            for (Declared tensor : declared) {
                writer.write(
                        tensor.name(),
                        MemorySegment.ofArray(tensors.get(tensor.name()).bytes().array()));
            }
            writer.finish();
        }
        return file;
    }

    Path write(Path file) {
        return write(file, "");
    }
}
