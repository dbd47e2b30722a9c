package dev.loci.store;

import dev.loci.kernel.MappedMemory;
import dev.loci.tensor.Sha256;
import dev.loci.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An open model: everything that its manifest and configuration promise is there, in the promised type and shape.
/// Threads may
/// share it; segments that it hands out are borrowed until [#close].
public final class ModelDirectory implements AutoCloseable {
    public static final String DENSE_FILE = "model.safetensors";
    public static final String CHAT_TEMPLATE_FILE = "chat_template.jinja";
    private static final int PIECE_BYTES = 1 << 20;

    private final Path dir;
    private final Manifest manifest;
    private final String digest;
    private final ModelConfig config;
    private final Optional<String> chatTemplate;
    private final List<Runnable> closers;
    private final MappedFile dense;
    private final List<ValueTable> tables;
    private final TablePlacement placement;

    private ModelDirectory(Path dir, MappedMemory memory, HugePages hugePages, List<Runnable> closers) {
        this.dir = dir;
        this.closers = closers;
        byte[] manifestBytes = readManifest(dir);
        this.manifest = Manifest.parse(manifestBytes);
        this.digest = Sha256.start().update(ByteBuffer.wrap(manifestBytes)).hex();
        manifest.files().forEach(file -> MappedFile.checkSize(dir, file));
        this.config = ConfigJson.parse(readSmall(ConfigJson.FILE));
        readSmall(TokenizerFile.FILE);
        this.chatTemplate = manifest.find(CHAT_TEMPLATE_FILE)
                .map(file -> new String(readSmall(file.name()), StandardCharsets.UTF_8));
        this.dense = MappedFile.open(dir, manifest.file(DENSE_FILE), memory);
        closers.add(dense::close);
        DenseCheck.check(config, dense.tensors());
        long bytes = config.memory().map(this::tableBytes).orElse(0L);
        HugePages pages = hugePages.resolve(bytes, FreeMemory.bytes());
        long start = System.nanoTime();
        this.tables = openTables(memory, pages);
        this.placement = new TablePlacement(
                pages, bytes, System.nanoTime() - start, tables.stream().allMatch(ValueTable::adviceTaken));
    }

    /// Opens and checks a model: sizes of all files, digests of the headers and of the small files, types and shapes of
    /// all
    /// tensors. Rows and weights themselves are digested by [#verify] only.
    /// @throws StoreException naming what is wrong; nothing stays open then
    public static ModelDirectory open(Path dir, MappedMemory memory, HugePages hugePages) {
        List<Runnable> closers = new ArrayList<>();
        boolean done = false;
        try {
            ModelDirectory directory = new ModelDirectory(dir, memory, hugePages, closers);
            done = true;
            return directory;
        } finally {
            if (!done) {
                closeAll(closers);
            }
        }
    }

    private static byte[] readManifest(Path dir) {
        Path path = dir.resolve(Manifest.FILE);
        if (!Files.isRegularFile(path)) {
            throw StoreException.of(dir.toString(), Manifest.FILE, "the manifest of a model", "no such file");
        }
        return read(path);
    }

    private static byte[] read(Path path) {
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw StoreException.of(path.toString(), "file", "a readable file", e.toString());
        }
    }

    private byte[] readSmall(String name) {
        Manifest.Entry entry = manifest.file(name);
        byte[] bytes = read(dir.resolve(name));
        checkDigest(entry, Sha256.start().update(ByteBuffer.wrap(bytes)).hex());
        return bytes;
    }

    private static void checkDigest(Manifest.Entry entry, String found) {
        if (!found.equals(entry.sha256())) {
            throw StoreException.of(entry.name(), "sha256", entry.sha256(), found);
        }
    }

    private List<ValueTable> openTables(MappedMemory memory, HugePages hugePages) {
        int layers = config.memory().map(found -> found.spans().size()).orElse(0);
        if (manifest.tables().size() != layers) {
            throw StoreException.of(
                    Manifest.FILE,
                    "tables",
                    layers + ", one for each memory layer",
                    Integer.toString(manifest.tables().size()));
        }
        List<ValueTable> out = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            ModelConfig.Memory found = config.memory().orElseThrow();
            ValueTable table = ValueTable.open(dir, manifest, layer, found, memory, hugePages);
            closers.add(table::close);
            out.add(table);
        }
        return List.copyOf(out);
    }

    public Path path() {
        return dir;
    }

    public ModelConfig config() {
        return config;
    }

    public Manifest manifest() {
        return manifest;
    }

    /// SHA-256 of the manifest in hex: equal for equal models, different for any others.
    public String digest() {
        return digest;
    }

    public boolean hasDense(String name) {
        return dense.tensors().find(name).isPresent();
    }

    /// The tensor of that name in `model.safetensors`.
    /// @throws StoreException if there is no such tensor
    public Tensor dense(String name) {
        return dense.tensors()
                .find(name)
                .orElseThrow(() -> StoreException.of(DENSE_FILE, name, "a tensor of this name", "none"));
    }

    /// Reads the file of dense tensors into RAM and maps it now, where the system can. Every step reads the matrices
    /// whole,
    /// and every hit looks one entry of a memory layer's permutation up: none of it should wait for a disk later.
    public void loadDense() {
        dense.load();
    }

    private long tableBytes(ModelConfig.Memory memory) {
        return Math.multiplyExact(
                Math.multiplyExact((long) memory.spans().size(), memory.rows()),
                memory.table().stride());
    }

    /// Where the tables lie.
    public TablePlacement tablePlacement() {
        return placement;
    }

    /// Number of value tables; one for each memory layer.
    public int tables() {
        return tables.size();
    }

    public ValueTable table(int layer) {
        return tables.get(layer);
    }

    public Path tokenizerFile() {
        return tokenizerFile(dir);
    }

    /// Where the tokenizer of a model lies.
    public static Path tokenizerFile(Path dir) {
        return dir.resolve(TokenizerFile.FILE);
    }

    public Optional<String> chatTemplate() {
        return chatTemplate;
    }

    /// Reads every file and compares its digest; checks the tokenizer against the vocabulary.
    /// @throws StoreException naming the first file that differs
    public void verify(ProgressListener listener) {
        long total = manifest.files().stream().mapToLong(Manifest.Entry::bytes).sum();
        long done = 0;
        for (Manifest.Entry file : manifest.files()) {
            checkDigest(file, fileDigest(file, done, total, listener));
            done += file.bytes();
        }
        TokenizerFile.check(tokenizerFile(), config.vocabSize(), StoreException::of);
    }

    private String fileDigest(Manifest.Entry file, long before, long total, ProgressListener listener) {
        MappedFile.checkSize(dir, file);
        Sha256 sha256 = Sha256.start();
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
        long done = before;
        try (FileChannel channel = FileChannel.open(dir.resolve(file.name()), StandardOpenOption.READ)) {
            while (channel.read(piece) >= 0) {
                done += piece.position();
                sha256.update(piece.flip());
                piece.clear();
                listener.progress(done, total);
            }
        } catch (IOException e) {
            throw StoreException.of(file.name(), "file", "a readable file", e.toString());
        }
        return sha256.hex();
    }

    @Override
    public void close() {
        closeAll(closers);
        closers.clear();
    }

    private static void closeAll(List<Runnable> closers) {
        closers.reversed().forEach(Runnable::run);
    }
}
