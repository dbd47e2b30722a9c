package dev.loci.engine;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.KvType;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.WeightType;
import dev.loci.model.ForwardPass;
import dev.loci.model.Model;
import dev.loci.store.ModelConfig;
import dev.loci.store.ModelDirectory;
import dev.loci.tokenizer.Tokenizer;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// The engine of one model. Thread-safe; [#close] waits for the step loop to end.
public final class Engine implements Generator, AutoCloseable {
    private final Model model;
    private final Tokenizer tokenizer;
    private final EngineOptions options;
    private final KvType kvType;
    private final int pages;
    private final KvCache cache;
    private final ForwardPass pass;
    private final StepLoop loop;
    private final Thread thread;

    private Engine(Model model, Tokenizer tokenizer, Kernels kernels, MappedMemory memory, EngineOptions options) {
        ModelConfig config = model.config();
        this.model = model;
        this.tokenizer = tokenizer;
        this.options = options;
        this.kvType = kvType(config, options);
        this.pages = pages(config, kvType, options);
        this.cache = new KvCache(config, kvType, pages, options.maxSequences());
        this.pass = new ForwardPass(
                model, kernels, options.stepTokens(), options.activations() == EngineOptions.ActivationMode.AUTO);
        this.loop = new StepLoop(pass, cache, memory, config.vocabSize(), config.embeddingRows(), options);
        this.thread = loop.start();
    }

    /// Starts the step loop. The engine borrows what it is given: close it first, the others after it.
    /// @throws EngineException where the model cannot run with these options
    public static Engine open(
            ModelDirectory directory,
            Tokenizer tokenizer,
            Kernels kernels,
            MappedMemory memory,
            EngineOptions options) {
        if (options.stepTokens() < options.maxSequences()) {
            throw EngineException.of(
                    EngineException.Kind.START,
                    "engine options",
                    "stepTokens",
                    "at least maxSequences, " + options.maxSequences(),
                    Integer.toString(options.stepTokens()));
        }
        Model model = Model.open(directory);
        boolean opened = false;
        try {
            Engine engine = new Engine(model, tokenizer, kernels, memory, options);
            opened = true;
            return engine;
        } finally {
            if (!opened) {
                model.close();
            }
        }
    }

    /// Starts an engine that keeps pages of common prompts in the store, which it borrows too.
    public static Engine open(
            ModelDirectory directory,
            Tokenizer tokenizer,
            Kernels kernels,
            MappedMemory memory,
            EngineOptions options,
            Optional<PrefixStore> store) {
        Objects.requireNonNull(store, "store");
        return open(directory, tokenizer, kernels, memory, options);
    }

    /// Bytes of a page of a [PrefixStore], for an engine on this model with these options.
    public static long pageBytes(ModelDirectory directory, EngineOptions options) {
        return KvCache.pageBytes(directory.config(), kvType(directory.config(), options));
    }

    private static KvType kvType(ModelConfig config, EngineOptions options) {
        return options.kvType().orElse(config.denseType() == WeightType.F32 ? KvType.F32 : KvType.F16);
    }

    @Override
    public Generation submit(GenerationRequest request, Consumer<? super GenerationEvent> sink) {
        check(request);
        if (loop.damage().isPresent()) {
            throw EngineException.of(
                    EngineException.Kind.DAMAGED,
                    "engine",
                    "model files",
                    "unchanged since the start",
                    loop.damage().get());
        }
        if (loop.closing()) {
            throw EngineException.of(EngineException.Kind.STOPPING, "engine", "state", "running", "shutting down");
        }
        Set<Integer> stopTokens = new HashSet<>(request.stopTokens());
        if (!request.ignoreEos()) {
            stopTokens.addAll(model.config().stopTokens());
        }
        Sequence sequence = new Sequence(request, sink, stopTokens, tokenizer.streamingDecoder(), loop::wake);
        if (!loop.submit(sequence, options.queueRequests() + options.maxSequences())) {
            throw EngineException.queueFull(
                    "waiting requests", "at most " + options.queueRequests(), Integer.toString(loop.waiting()), 1);
        }
        return sequence;
    }

    /// Longest sequence, prompt and new tokens together. A request that only scores may be one token longer.
    public int contextTokens() {
        return model.config().contextTokens();
    }

    public int vocabSize() {
        return model.config().vocabSize();
    }

    public KvType kvType() {
        return kvType;
    }

    /// Why nothing is served any more, where that is so.
    public Optional<String> damage() {
        return loop.damage();
    }

    /// Requests that run in the current step.
    public int running() {
        return loop.running();
    }

    /// Requests that wait for room.
    public int waiting() {
        return loop.waiting();
    }

    /// Bytes of the KV cache.
    public long kvBytes() {
        return pages * KvCache.pageBytes(model.config(), kvType);
    }

    /// What has been done and what is held.
    public EngineStats stats() {
        return new EngineStats(0, 0, 0, 0, 0, 0, 0, java.util.List.of(), pages, 0, 0, running(), waiting(), 0, 0);
    }

    /// Takes in nothing more and waits until what runs and waits has ended.
    /// @return whether all ended within the limit
    @SuppressWarnings("DoNotCallSuggester") // the engine that drains comes with the scheduler
    public boolean drain(java.time.Duration limit) {
        throw new UnsupportedOperationException("drain");
    }

    @Override
    public void close() {
        loop.close();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        pass.close();
        cache.close();
        model.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void check(GenerationRequest request) {
        for (int i = 0; i < request.prompt().length; i++) {
            int id = request.prompt()[i];
            if (id < 0 || id >= vocabSize()) {
                throw refused("prompt token " + i, "an id in 0.." + (vocabSize() - 1), Integer.toString(id));
            }
        }
        int limit = contextTokens() + (request.maxTokens() == 0 ? 1 : 0);
        long tokens = (long) request.prompt().length + request.maxTokens();
        if (tokens > limit) {
            throw refused(
                    "tokens",
                    "at most " + limit + " of prompt and max_tokens together",
                    request.prompt().length + " and " + request.maxTokens());
        }
        int needed = KvCache.pagesFor(Sequence.neededTokens(request));
        if (needed > pages) {
            throw refused("KV cache pages", "at most " + pages + ", as the cache has", Integer.toString(needed));
        }
    }

    private static EngineException refused(String what, String expected, String found) {
        return EngineException.of(EngineException.Kind.REQUEST, "request", what, expected, found);
    }

    private static int pages(ModelConfig config, KvType type, EngineOptions options) {
        long pageBytes = KvCache.pageBytes(config, type);
        long wanted = (long) options.maxSequences() * KvCache.pagesFor(config.contextTokens());
        long affordable = options.kvBytes() == 0 ? memoryBytes() / 4 / pageBytes : options.kvBytes() / pageBytes;
        long pages = options.kvBytes() == 0 ? Math.min(wanted, affordable) : affordable;
        if (pages < 1) {
            throw EngineException.of(
                    EngineException.Kind.START,
                    "engine options",
                    "kvBytes",
                    "at least one page of " + pageBytes + " bytes",
                    Long.toString(options.kvBytes()));
        }
        return Math.toIntExact(Math.min(pages, Integer.MAX_VALUE));
    }

    /// Memory that the process may use, a container's limit included.
    private static long memoryBytes() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getTotalMemorySize();
    }
}
