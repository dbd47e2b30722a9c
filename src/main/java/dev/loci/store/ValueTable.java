package dev.loci.store;

import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.MappedMemory.Advice;
import dev.loci.kernel.TableRows;
import dev.loci.tensor.DType;
import dev.loci.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The mapped rows of one memory layer. Threads may share it; it lives as long as its [ModelDirectory].
public final class ValueTable implements AutoCloseable {
    private final TableLayout layout;
    private final MappedMemory memory;
    private final List<MappedFile> files;
    private final Optional<Arena> copies;
    private final TableRows rows;
    private final boolean adviceTaken;

    private ValueTable(
            TableLayout layout,
            MappedMemory memory,
            List<MappedFile> files,
            Optional<Arena> copies,
            TableRows rows,
            boolean adviceTaken) {
        this.layout = layout;
        this.memory = memory;
        this.files = List.copyOf(files);
        this.copies = copies;
        this.rows = rows;
        this.adviceTaken = adviceTaken;
    }

    static ValueTable open(
            Path dir,
            Manifest manifest,
            int layer,
            ModelConfig.Memory config,
            MappedMemory memory,
            HugePages hugePages) {
        Manifest.Table table = manifest.tables().get(layer);
        if (table.rows() != config.rows()) {
            throw StoreException.of(
                    Manifest.FILE, "tables[" + layer + "]", config.rows() + " rows", table.rows() + " rows");
        }
        TableLayout layout = config.table();
        List<MappedFile> files = new ArrayList<>();
        Optional<Arena> copies = hugePages == HugePages.COPY ? Optional.of(Arena.ofShared()) : Optional.empty();
        boolean opened = false;
        try {
            List<TableRows.Part> parts = new ArrayList<>();
            boolean taken = true;
            for (Manifest.Part part : table.parts()) {
                MappedFile file = MappedFile.open(dir, manifest.file(part.file()), memory);
                files.add(file);
                MemorySegment data = data(file, part, layout);
                if (copies.isPresent()) {
                    data = copy(part.file(), file, data, memory, copies.get());
                } else {
                    taken &= memory.advise(
                            file.mapping(), hugePages == HugePages.ON ? Advice.HUGE_PAGES : Advice.RANDOM);
                }
                parts.add(new TableRows.Part(data, part.firstRow(), part.rows()));
            }
            TableRows rows = new TableRows(layout.type(), parts, table.rows(), layout.dim(), layout.stride());
            opened = true;
            return new ValueTable(layout, memory, files, copies, rows, taken);
        } finally {
            if (!opened) {
                files.forEach(MappedFile::close);
                copies.ifPresent(Arena::close);
            }
        }
    }

    /// The file's pages are given back at once, so that no two tables are ever in memory twice.
    private static MemorySegment copy(
            String name, MappedFile file, MemorySegment data, MappedMemory memory, Arena arena) {
        long lost = memory.faults();
        MemorySegment copy = memory.allocate(data.byteSize(), true, arena);
        MemorySegment.copy(data, 0, copy, 0, data.byteSize());
        if (memory.faults() != lost) {
            throw StoreException.of(name, "rows", data.byteSize() + " bytes", "a file that shrinks");
        }
        memory.advise(file.mapping(), Advice.DROP);
        return copy;
    }

    private static MemorySegment data(MappedFile file, Manifest.Part part, TableLayout layout) {
        String where = part.file() + " @ header";
        for (Tensor tensor : file.tensors().tensors()) {
            if (!tensor.name().equals(TableLayout.TENSOR)) {
                throw StoreException.of(
                        where,
                        tensor.name(),
                        "no tensor of this name",
                        tensor.dtype().name());
            }
        }
        Optional<Tensor> found = file.tensors().find(TableLayout.TENSOR);
        DType dtype = layout.dtype();
        List<Long> shape = layout.shape(part.rows());
        if (found.isEmpty()) {
            throw StoreException.of(where, TableLayout.TENSOR, dtype + " " + shape, "no such tensor");
        }
        Tensor tensor = found.get();
        if (tensor.dtype() != dtype || !tensor.shape().equals(shape)) {
            throw StoreException.of(
                    where, TableLayout.TENSOR, dtype + " " + shape, tensor.dtype() + " " + tensor.shape());
        }
        return tensor.data();
    }

    /// Where the rows lie; borrowed until the directory is closed.
    public TableRows rows() {
        return rows;
    }

    public TableLayout layout() {
        return layout;
    }

    public int files() {
        return files.size();
    }

    /// Whether the system took the advice of [HugePages] for all files.
    public boolean adviceTaken() {
        return adviceTaken;
    }

    /// Bytes of the table's files.
    public long mappedBytes() {
        return files.stream().mapToLong(file -> file.mapping().byteSize()).sum();
    }

    /// Bytes of the table's files, or of their copies, whose pages are in RAM; empty where that cannot be known.
    public OptionalLong residentBytes() {
        List<MemorySegment> held = copies.isPresent()
                ? rows.parts().stream().map(TableRows.Part::data).toList()
                : files.stream().map(MappedFile::mapping).toList();
        long sum = 0;
        for (MemorySegment each : held) {
            OptionalLong resident = memory.residentBytes(each);
            if (resident.isEmpty()) {
                return resident;
            }
            sum += resident.getAsLong();
        }
        return OptionalLong.of(sum);
    }

    @Override
    public void close() {
        files.forEach(MappedFile::close);
        copies.ifPresent(Arena::close);
    }
}
