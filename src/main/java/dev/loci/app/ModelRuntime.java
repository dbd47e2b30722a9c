package dev.loci.app;

import dev.loci.config.ConfigValue;
import dev.loci.engine.Engine;
import dev.loci.engine.PrefixStore;
import dev.loci.engine.chronicle.ChroniclePrefixStore;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.select.KernelSelector;
import dev.loci.store.HugePages;
import dev.loci.store.ModelDirectory;
import dev.loci.tokenizer.ChatTemplate;
import dev.loci.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Optional;
import org.jboss.logging.Logger;

/// A model that runs: its directory, tokenizer, kernels and engine, opened in order and closed in reverse. What the
/// accessors give is borrowed until [#close].
public final class ModelRuntime implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger("dev.loci");

    private final ResourceStack resources;
    private final ModelDirectory directory;
    private final Opening<Tokenizer> tokenizer;
    private final Opening<Optional<ChatTemplate>> chatTemplate;
    private final Kernels kernels;
    private final Optional<String> fallbackReason;
    private final Engine engine;

    private ModelRuntime(RuntimeOptions options, ResourceStack resources) {
        this.resources = resources;
        MappedMemory memory = KernelSelector.mappedMemory(options.kernels());
        tokenizer = resources.add(EarlyTokenizer.take(options.model()), Opening::close);
        directory =
                resources.add(ModelDirectory.open(options.model(), memory, options.hugePages()), ModelDirectory::close);
        if (options.hugePages() != HugePages.OFF && directory.tables() > 0) {
            LOG.info(directory.tablePlacement().describe());
        }
        chatTemplate = Opening.start(
                "loci-chat-template",
                () -> directory
                        .chatTemplate()
                        .map(source -> ChatTemplate.parse(ModelDirectory.CHAT_TEMPLATE_FILE, source)));
        KernelSelector.Opened opened = KernelSelector.open(options.kernels());
        kernels = resources.add(opened.kernels(), Kernels::close);
        fallbackReason = opened.fallbackReason();
        Optional<PrefixStore> store = prefixStore(options);
        engine = resources.add(
                Engine.open(directory, tokenizer::await, kernels, memory, options.engine(), store), Engine::close);
        chatTemplate.await(); // or says what is wrong with it
    }

    private Optional<PrefixStore> prefixStore(RuntimeOptions options) {
        if (Executable.NATIVE) {
            options.prefixStore().ifPresent(prefixes -> {
                throw new ConfigValue(
                                "loci.prefix-cache.persistent.path",
                                prefixes.folder().toString())
                        .refused("none in a native executable, since its store compiles code at run time");
            });
            return Optional.empty();
        }
        return options.prefixStore()
                .map(prefixes -> resources.add(
                        ChroniclePrefixStore.open(
                                prefixes.folder(),
                                Engine.pageBytes(directory, options.engine()),
                                prefixes.maxBytes(),
                                LOG::warn),
                        PrefixStore::close));
    }

    /// Opens everything, or nothing.
    public static ModelRuntime open(RuntimeOptions options) {
        ResourceStack resources = new ResourceStack();
        boolean opened = false;
        try {
            ModelRuntime runtime = new ModelRuntime(options, resources);
            opened = true;
            return runtime;
        } finally {
            if (!opened) {
                resources.close();
            }
        }
    }

    public ModelDirectory directory() {
        return directory;
    }

    public Tokenizer tokenizer() {
        return tokenizer.await();
    }

    public Optional<ChatTemplate> chatTemplate() {
        return chatTemplate.await();
    }

    public Engine engine() {
        return engine;
    }

    public Kernels kernels() {
        return kernels;
    }

    /// Why the kernels are the scalar ones although nobody asked for them, where that is so.
    public Optional<String> fallbackReason() {
        return fallbackReason;
    }

    /// Name of the model's directory.
    public String name() {
        Path path = directory.path().toAbsolutePath().normalize();
        return String.valueOf(path.getFileName());
    }

    @Override
    public void close() {
        resources.close();
    }
}
