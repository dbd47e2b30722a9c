package dev.loci.tensor;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A safetensors file, mapped for reading. Threads may share it; what it hands out is borrowed until [#close].
public final class SafetensorsFile implements AutoCloseable {
    private final Path path;
    private final Arena arena;
    private final MemorySegment mapping;
    private final SafetensorsHeader header;
    private final Map<String, Tensor> tensors = new LinkedHashMap<>();

    private SafetensorsFile(Path path, Arena arena, MemorySegment mapping, SafetensorsHeader header) {
        this.path = path;
        this.arena = arena;
        this.mapping = mapping;
        this.header = header;
        for (SafetensorsHeader.Entry entry : header.entries()) {
            MemorySegment data = mapping.asSlice(header.dataOffset() + entry.begin(), entry.end() - entry.begin());
            tensors.put(entry.name(), new Tensor(entry.name(), entry.dtype(), entry.shape(), data));
        }
    }

    /// Maps a file and checks its header.
    /// @throws TensorException if there is no such file, or it is not a whole safetensors file
    public static SafetensorsFile open(Path path) {
        String where = path.getFileName().toString();
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment mapping = channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
            SafetensorsFile file = new SafetensorsFile(path, arena, mapping, SafetensorsHeader.parse(where, mapping));
            opened = true;
            return file;
        } catch (NoSuchFileException e) {
            throw TensorException.of(path.toString(), "file", "a safetensors file", "no such file");
        } catch (IOException e) {
            throw TensorException.of(path.toString(), "file", "a readable file", e.toString());
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    public Path path() {
        return path;
    }

    public SafetensorsHeader header() {
        return header;
    }

    /// By offset.
    public List<Tensor> tensors() {
        return new ArrayList<>(tensors.values());
    }

    public Optional<Tensor> find(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    /// The tensor of that name.
    /// @throws TensorException if the file has no such tensor
    public Tensor tensor(String name) {
        return find(name)
                .orElseThrow(() ->
                        TensorException.of(path.getFileName() + " @ header", name, "a tensor of this name", "none"));
    }

    /// The whole file.
    public MemorySegment mapping() {
        return mapping;
    }

    @Override
    public void close() {
        arena.close();
    }
}
