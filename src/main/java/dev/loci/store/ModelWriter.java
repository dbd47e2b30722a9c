package dev.loci.store;

import dev.loci.tensor.SafetensorsWriter;
import dev.loci.tensor.SafetensorsWriter.Declared;
import dev.loci.tensor.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Writes a model directory in streams. The manifest comes last, and the directory takes its name only when all of it
/// is on the
/// disk: whatever interrupts the writer leaves nothing that looks like a model. Equal contents give equal bytes.
public final class ModelWriter {
    /// Greatest size of a file of rows, unless the caller says otherwise.
    public static final long MAX_FILE_BYTES = 16L << 30;

    private static final long BUFFER_BYTES = 4L << 20;
    private static final int CACHE_LINE = 64;

    private final Path dir;
    private final long maxFileBytes;
    private final ProgressListener listener;
    private final long totalBytes;
    private final List<Manifest.Entry> files = new ArrayList<>();
    private long doneBytes;
    private int valueFiles;

    private ModelWriter(Path dir, long maxFileBytes, long totalBytes, ProgressListener listener) {
        this.dir = dir;
        this.maxFileBytes = maxFileBytes;
        this.totalBytes = totalBytes;
        this.listener = listener;
    }

    /// Writes a whole directory.
    /// @param out          must not exist
    /// @param maxFileBytes a table that would be larger is split over several files
    public static void write(ModelContents contents, Path out, long maxFileBytes, ProgressListener listener) {
        try (StagingDirectory staging = StagingDirectory.open(out)) {
            new ModelWriter(staging.path(), maxFileBytes, contents.tensorBytes(), listener).write(contents);
            staging.publish();
        } catch (IOException e) {
            throw new UncheckedIOException(out + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private void write(ModelContents contents) throws IOException {
        writeSmall(ConfigJson.FILE, ConfigJson.write(contents.config()));
        writeSmall(TokenizerFile.FILE, contents.tokenizer().getBytes(StandardCharsets.UTF_8));
        if (contents.chatTemplate().isPresent()) {
            byte[] template = contents.chatTemplate().get().getBytes(StandardCharsets.UTF_8);
            writeSmall(ModelDirectory.CHAT_TEMPLATE_FILE, template);
        }
        writeDense(contents.dense());
        List<Manifest.Table> tables = new ArrayList<>();
        for (RowSource rows : contents.tables()) {
            ModelConfig.Memory memory = contents.config().memory().orElseThrow();
            tables.add(writeTable(memory.table(), memory.rows(), rows));
        }
        files.sort(Comparator.comparing(Manifest.Entry::name));
        writeSmall(Manifest.FILE, new Manifest(files, tables).write());
    }

    private void writeSmall(String name, byte[] bytes) throws IOException {
        try (FileChannel channel =
                FileChannel.open(dir.resolve(name), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
        String sha256 = Sha256.start().update(ByteBuffer.wrap(bytes)).hex();
        files.add(new Manifest.Entry(name, bytes.length, sha256, Optional.empty()));
    }

    /// Tensors of whole cache lines come first, then the others by falling size of their elements: all are aligned so,
    /// although
    /// the format has no padding between tensors.
    private void writeDense(List<ModelContents.Dense> tensors) {
        List<ModelContents.Dense> ordered = new ArrayList<>(tensors);
        ordered.sort(
                Comparator.comparing((ModelContents.Dense each) -> each.tensor().bytes() % CACHE_LINE != 0)
                        .thenComparing(each -> -each.tensor().dtype().bytes()));
        List<Declared> declared =
                ordered.stream().map(ModelContents.Dense::tensor).toList();
        try (SafetensorsWriter writer = open(ModelDirectory.DENSE_FILE, declared)) {
            for (ModelContents.Dense each : ordered) {
                stream(writer, each.tensor().name(), 0, each.rows(), each.rowBytes(), each.source());
            }
            finish(ModelDirectory.DENSE_FILE, writer);
        }
    }

    private Manifest.Table writeTable(TableLayout layout, long rows, RowSource source) {
        long room = (maxFileBytes - SafetensorsWriter.DATA_ALIGNMENT) / layout.stride();
        long rowsPerFile = Math.max(1, room);
        List<Manifest.Part> parts = new ArrayList<>();
        for (long first = 0; first < rows; first += rowsPerFile) {
            long count = Math.min(rowsPerFile, rows - first);
            String name = String.format(Locale.ROOT, "values-%04d.safetensors", valueFiles++);
            Declared values = new Declared(TableLayout.TENSOR, layout.dtype(), layout.shape(count));
            try (SafetensorsWriter writer = open(name, List.of(values))) {
                stream(writer, values.name(), first, count, layout.stride(), source);
                finish(name, writer);
            }
            parts.add(new Manifest.Part(name, first, count));
        }
        return new Manifest.Table(parts);
    }

    private SafetensorsWriter open(String name, List<Declared> tensors) {
        return SafetensorsWriter.open(dir.resolve(name), tensors, Map.of());
    }

    private void finish(String name, SafetensorsWriter writer) {
        SafetensorsWriter.Written written = writer.finish();
        files.add(new Manifest.Entry(name, written.bytes(), written.sha256(), Optional.of(written.headerSha256())));
    }

    private void stream(
            SafetensorsWriter writer, String name, long firstRow, long rows, long rowBytes, RowSource source) {
        long rowsPerFill = Math.clamp(BUFFER_BYTES / rowBytes, 1, rows);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(Math.multiplyExact(rowsPerFill, rowBytes), CACHE_LINE);
            for (long row = 0; row < rows; row += rowsPerFill) {
                int count = Math.toIntExact(Math.min(rowsPerFill, rows - row));
                MemorySegment filled = buffer.asSlice(0, count * rowBytes);
                source.fill(firstRow + row, count, filled);
                writer.write(name, filled);
                doneBytes += filled.byteSize();
                listener.progress(doneBytes, totalBytes);
            }
        }
    }
}
