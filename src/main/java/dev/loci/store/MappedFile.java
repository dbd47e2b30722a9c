package dev.loci.store;

import dev.loci.kernel.MappedMemory;
import dev.loci.tensor.SafetensorsFile;
import dev.loci.tensor.Sha256;
import dev.loci.tensor.TensorException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A safetensors file of a model directory: checked against its manifest entry, mapped, and guarded until it is closed.
final class MappedFile implements AutoCloseable {
    private final SafetensorsFile file;
    private final MappedMemory memory;

    private MappedFile(SafetensorsFile file, MappedMemory memory) {
        this.file = file;
        this.memory = memory;
    }

    static MappedFile open(Path dir, Manifest.Entry entry, MappedMemory memory) {
        checkSize(dir, entry);
        SafetensorsFile file;
        try {
            file = SafetensorsFile.open(dir.resolve(entry.name()));
        } catch (TensorException e) {
            throw new StoreException(e);
        }
        boolean opened = false;
        try {
            checkHeader(file, entry);
            memory.guard(file.mapping());
            opened = true;
            return new MappedFile(file, memory);
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }

    /// Reads all of it into RAM, where the system can.
    void load() {
        memory.advise(file.mapping(), MappedMemory.Advice.POPULATE);
    }

    static void checkSize(Path dir, Manifest.Entry entry) {
        Path path = dir.resolve(entry.name());
        if (!Files.isRegularFile(path)) {
            throw StoreException.of(entry.name(), "file", "a file of " + entry.bytes() + " bytes", "no such file");
        }
        try {
            long bytes = Files.size(path);
            if (bytes != entry.bytes()) {
                throw StoreException.of(entry.name(), "size", entry.bytes() + " bytes", Long.toString(bytes));
            }
        } catch (IOException e) {
            throw StoreException.of(entry.name(), "file", "a readable file", e.toString());
        }
    }

    private static void checkHeader(SafetensorsFile file, Manifest.Entry entry) {
        Optional<String> expected = entry.headerSha256();
        if (expected.isEmpty()) {
            throw StoreException.of(Manifest.FILE, entry.name() + " header_sha256", "64 hex digits", "no such key");
        }
        MemorySegment header = file.mapping().asSlice(0, file.header().dataOffset());
        String found = Sha256.start().update(header.asByteBuffer()).hex();
        if (!found.equals(expected.get())) {
            throw StoreException.of(entry.name() + " @ header", "sha256", expected.get(), found);
        }
    }

    SafetensorsFile tensors() {
        return file;
    }

    MemorySegment mapping() {
        return file.mapping();
    }

    @Override
    public void close() {
        memory.unguard(file.mapping());
        file.close();
    }
}
