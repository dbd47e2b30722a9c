package dev.loci.engine;

import dev.loci.grammar.Grammars;
import dev.loci.grammar.Vocabulary;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.KvType;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.WeightType;
import dev.loci.model.ForwardPass;
import dev.loci.model.Model;
import dev.loci.model.WeightPacker;
import dev.loci.store.ModelConfig;
import dev.loci.store.ModelDirectory;
import dev.loci.store.TokenizerFile;
import dev.loci.tokenizer.Tokenizer;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The engine of one model. Thread-safe; [#close] waits for the step loop to end.
public final class Engine implements Generator, AutoCloseable {
    private final Model model;
    private final Tokenizer tokenizer;
    private final KvType kvType;
    private final KvCache cache;
    private final ForwardPass pass;
    private final BatchSampler sampler;
    private final Admission admission;
    private final StepCounters counters = new StepCounters();
    private final AtomicLong arrivals = new AtomicLong();
    private final Optional<StoredPrefixes> stored;
    private final StepLoop loop;
    private final Thread thread;
    private final Grammars grammars;
    private volatile boolean draining;
    private volatile EngineObserver observer = EngineObserver.NONE;
    private volatile Executor maskThreads =
            mask -> Thread.ofVirtual().name("loci-mask").start(mask);

    private Engine(
            Model model,
            String origin,
            Tokenizer tokenizer,
            Kernels kernels,
            MappedMemory memory,
            EngineOptions options,
            Optional<PrefixStore> store) {
        ModelConfig config = model.config();
        this.model = model;
        this.tokenizer = tokenizer;
        this.kvType = kvType(config, options);
        this.cache = new KvCache(
                config, kvType, pages(config, kvType, options), options.maxSequences(), options.prefixCache(), memory);
        this.pass = new ForwardPass(model, kernels, options.stepTokens(), memory);
        this.sampler = new BatchSampler(kernels, config.vocabSize(), config.embeddingRows(), ForwardPass.LOGIT_ROWS);
        this.admission = new Admission(
                (long) options.queueRequests() + options.maxSequences(), options.queueTokens(), System::nanoTime);
        this.stored = store.filter(kept -> options.prefixCache())
                .map(kept -> new StoredPrefixes(kept, origin, KvCache.pageBytes(config, kvType)));
        this.grammars = new Grammars(() -> Vocabulary.of(
                tokenizer,
                config.vocabSize(),
                config.stopTokens().stream().mapToInt(Integer::intValue).toArray()));
        this.loop = new StepLoop(pass, cache, sampler, memory, admission, counters, stored, options);
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
        return open(directory, () -> tokenizer, kernels, memory, options, Optional.empty());
    }

    /// The same with a tokenizer that may still be on its way, and with pages of prompts kept outside.
    /// @param tokenizer asked for when the weights are there
    /// @param store for pages of [#pageBytes]; borrowed: close it after the engine
    public static Engine open(
            ModelDirectory directory,
            Supplier<Tokenizer> tokenizer,
            Kernels kernels,
            MappedMemory memory,
            EngineOptions options,
            Optional<PrefixStore> store) {
        if (options.stepTokens() < options.maxSequences()) {
            throw EngineException.of(
                    EngineException.Kind.START,
                    "engine options",
                    "stepTokens",
                    "at least maxSequences, " + options.maxSequences(),
                    Integer.toString(options.stepTokens()));
        }
        boolean reduced = options.activations() == EngineOptions.ActivationMode.AUTO;
        WeightPacker packer = new WeightPacker(kernels, memory, reduced);
        WeightType weights = directory.config().denseType();
        String origin = StoredPrefixes.origin(
                directory.digest(),
                kvType(directory.config(), options),
                weights,
                packer.activations(weights),
                kernels.name());
        Model model = Model.open(directory, packer);
        boolean opened = false;
        try {
            Engine engine = within(options, model, origin, fitting(tokenizer.get(), directory), kernels, memory, store);
            opened = true;
            return engine;
        } finally {
            if (!opened) {
                model.close();
            }
        }
    }

    /// Memory may lack for one of the large buffers, which is not the last straw: nothing but this start suffers.
    private static Engine within(
            EngineOptions options,
            Model model,
            String origin,
            Tokenizer tokenizer,
            Kernels kernels,
            MappedMemory memory,
            Optional<PrefixStore> store) {
        try {
            return new Engine(model, origin, tokenizer, kernels, memory, options, store);
        } catch (OutOfMemoryError e) {
            throw EngineException.of(
                    EngineException.Kind.START,
                    "engine options",
                    "memory",
                    "room for " + options.stepTokens() + " tokens and " + options.maxSequences()
                            + " sequences in a step, and for the KV cache",
                    String.valueOf(e.getMessage()));
        }
    }

    private static Tokenizer fitting(Tokenizer tokenizer, ModelDirectory directory) {
        int vocabSize = directory.config().vocabSize();
        if (tokenizer.size() < 1 || tokenizer.size() > vocabSize) {
            throw EngineException.of(
                    EngineException.Kind.START,
                    TokenizerFile.FILE,
                    "ids",
                    "1 to " + vocabSize + " (vocab_size)",
                    Integer.toString(tokenizer.size()));
        }
        return tokenizer;
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
        return submit(request, sink, Engine::nothing);
    }

    private static void nothing() {}

    @Override
    public Generation submit(GenerationRequest request, Consumer<? super GenerationEvent> sink, Runnable flush) {
        return submitAll(List.of(new Submission(request, sink)), flush).getFirst();
    }

    /// As many as may run or wait.
    @Override
    public long maxAtOnce() {
        return admission.maxRequests();
    }

    /// Nothing is made for requests before all of them are let in.
    @Override
    public List<Generation> submitAll(List<Submission> submissions, Runnable flush) {
        String key = keyOf(submissions);
        submissions.forEach(each -> check(each.request()));
        if (submissions.size() > maxAtOnce()) {
            throw refused("generations", "at most " + maxAtOnce() + " at once", Integer.toString(submissions.size()));
        }
        requireServing();
        long promptTokens = submissions.stream()
                .mapToLong(each -> each.request().prompt().length)
                .sum();
        admission.enter(key, submissions.size(), promptTokens);
        List<Generation> taken = new ArrayList<>();
        try {
            List<Sequence> sequences =
                    submissions.stream().map(each -> sequence(each, flush)).toList();
            for (Sequence sequence : sequences) {
                observer.submitted(sequence);
                loop.submit(sequence);
                taken.add(sequence);
            }
            return taken;
        } finally {
            if (taken.size() < submissions.size()) {
                taken.forEach(Generation::cancel);
                submissions
                        .subList(taken.size(), submissions.size())
                        .forEach(each -> admission.giveUp(key, each.request().prompt().length));
                // whoever waits for the last one to leave is told by the loop
                loop.wake();
            }
        }
    }

    private static String keyOf(List<Submission> submissions) {
        List<String> keys = submissions.stream()
                .map(each -> each.request().client().key())
                .distinct()
                .toList();
        if (keys.size() != 1) {
            throw new IllegalArgumentException("submissions, clients: expected one, found " + keys.size());
        }
        return keys.getFirst();
    }

    private void requireServing() {
        if (loop.damage().isPresent()) {
            throw EngineException.of(
                    EngineException.Kind.DAMAGED,
                    "engine",
                    "model files",
                    "unchanged since the start",
                    loop.damage().get());
        }
        if (draining || loop.closing()) {
            throw EngineException.of(EngineException.Kind.STOPPING, "engine", "state", "running", "shutting down");
        }
    }

    private Sequence sequence(Submission submission, Runnable flush) {
        GenerationRequest request = submission.request();
        Set<Integer> stopTokens = new HashSet<>(request.stopTokens());
        if (!request.ignoreEos()) {
            stopTokens.addAll(model.config().stopTokens());
        }
        return new Sequence(
                request,
                submission.sink(),
                flush,
                arrivals.getAndIncrement(),
                stopTokens,
                tokenizer.streamingDecoder(),
                loop::wake,
                maskThreads);
    }

    /// Works masks of grammars out elsewhere, from the next request on.
    void maskThreads(Executor threads) {
        maskThreads = threads;
    }

    /// From the next request and the next step on. Whoever observes hears the end of generations it has not seen begin.
    public void observe(EngineObserver engineObserver) {
        observer = engineObserver;
        loop.observer(engineObserver);
    }

    @Override
    public Optional<Grammars> grammars() {
        return Optional.of(grammars);
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

    /// What has been done and what is held.
    public EngineStats stats() {
        List<EngineStats.Table> tables = new ArrayList<>();
        for (int layer = 0; layer < model.memoryLayers(); layer++) {
            long unique = pass.uniqueRows(layer);
            tables.add(new EngineStats.Table(pass.hits(layer), unique, unique * model.rowBytes(layer)));
        }
        int running = counters.running();
        return new EngineStats(
                counters.steps(),
                counters.tokens(),
                counters.promptTokens(),
                counters.cachedTokens(),
                counters.generated(),
                counters.forcedTokens(),
                counters.preemptions(),
                Math.multiplyExact(counters.steps(), model.denseBytes()),
                tables,
                cache.pages(),
                counters.freePages(),
                counters.idlePages(),
                running,
                Math.max(0, admission.requests() - running),
                counters.stepNanos(),
                counters.betweenNanos());
    }

    /// Where the time of steps went, and how large they were.
    public StepStats stepStats() {
        List<StepStats.Table> tables = new ArrayList<>();
        for (int layer = 0; layer < model.memoryLayers(); layer++) {
            tables.add(new StepStats.Table(pass.gatherNanos(layer), pass.gatherFaults(layer)));
        }
        return loop.clock().stats(tables);
    }

    /// Tokens of a page of the KV cache.
    public int pageTokens() {
        return KvCache.PAGE_TOKENS;
    }

    /// Takes in nothing more and waits until what runs and waits has ended.
    /// @return whether all ended within the limit
    public boolean drain(Duration limit) {
        draining = true;
        try {
            return loop.awaitIdle(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Bytes of the KV cache.
    public long kvBytes() {
        return cache.pages() * KvCache.pageBytes(model.config(), kvType);
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
        stored.ifPresent(StoredPrefixes::close);
        sampler.close();
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
        if (needed > cache.pages()) {
            throw refused(
                    "KV cache pages", "at most " + cache.pages() + ", as the cache has", Integer.toString(needed));
        }
    }

    private static EngineException refused(String what, String expected, String found) {
        return EngineException.of(EngineException.Kind.REQUEST, "request", what, expected, found);
    }

    private static int pages(ModelConfig config, KvType type, EngineOptions options) {
        long pageBytes = KvCache.pageBytes(config, type);
        long memoryBytes = memoryBytes();
        if (options.kvBytes() > memoryBytes) {
            throw EngineException.of(
                    EngineException.Kind.START,
                    "engine options",
                    "kvBytes",
                    "at most the memory that the process may use, " + memoryBytes + " bytes",
                    Long.toString(options.kvBytes()));
        }
        long wanted = (long) options.maxSequences() * KvCache.pagesFor(config.contextTokens());
        long affordable = options.kvBytes() == 0 ? memoryBytes / 4 / pageBytes : options.kvBytes() / pageBytes;
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
