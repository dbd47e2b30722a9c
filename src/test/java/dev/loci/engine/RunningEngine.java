package dev.loci.engine;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import dev.loci.store.HugePages;
import dev.loci.store.ModelDirectory;
import dev.loci.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// An engine over a model directory, for tests.
final class RunningEngine implements AutoCloseable {
    private final ModelDirectory directory;
    private final Tokenizer tokenizer;
    private final Kernels kernels;
    private final Engine engine;

    RunningEngine(Path model, KernelOptions backend, EngineOptions options) {
        this(model, backend, options, Optional.empty());
    }

    RunningEngine(Path model, KernelOptions backend, EngineOptions options, Optional<PrefixStore> store) {
        MappedMemory memory = KernelSelector.mappedMemory(backend);
        this.directory = ModelDirectory.open(model, memory, HugePages.OFF);
        this.tokenizer = Tokenizer.open(directory.tokenizerFile());
        this.kernels = KernelSelector.open(backend).kernels();
        this.engine = Engine.open(directory, () -> tokenizer, kernels, memory, options, store);
    }

    Engine engine() {
        return engine;
    }

    Tokenizer tokenizer() {
        return tokenizer;
    }

    /// A request under way and what it has told so far.
    record Running(Generation generation, BlockingQueue<GenerationEvent> events) {
        /// Waits for the last event and gives all that were not taken before.
        List<GenerationEvent> toTheEnd() {
            List<GenerationEvent> all = new ArrayList<>();
            while (true) {
                GenerationEvent event = next();
                all.add(event);
                if (event instanceof GenerationEvent.Finished || event instanceof GenerationEvent.Failed) {
                    return all;
                }
            }
        }

        GenerationEvent next() {
            try {
                GenerationEvent event = events.poll(60, TimeUnit.SECONDS);
                if (event == null) {
                    throw new AssertionError("no event within 60 s");
                }
                return event;
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted", e);
            }
        }
    }

    Running submit(GenerationRequest request) {
        BlockingQueue<GenerationEvent> events = new LinkedBlockingQueue<>();
        return new Running(engine.submit(request, events::add), events);
    }

    /// Like [#submit], but the engine stands still at the first token until it is released.
    Running submitHeld(GenerationRequest request, CountDownLatch release) {
        BlockingQueue<GenerationEvent> events = new LinkedBlockingQueue<>();
        Generation generation = engine.submit(request, event -> {
            events.add(event);
            if (event instanceof GenerationEvent.Token) {
                await(release);
            }
        });
        return new Running(generation, events);
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("not released within 60 s");
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        engine.close();
        kernels.close();
        tokenizer.close();
        directory.close();
    }

    /// Of so many tokens, whatever they are.
    static GenerationRequest greedy(int[] prompt, int maxTokens) {
        return greedy(prompt, maxTokens, GenerationRequest.Client.ANYONE);
    }

    static GenerationRequest greedy(int[] prompt, int maxTokens, GenerationRequest.Client client) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                0,
                Sampling.GREEDY,
                List.of(),
                List.of(),
                true,
                OptionalInt.empty(),
                OptionalInt.empty(),
                client);
    }

    static String text(List<GenerationEvent> events) {
        StringBuilder text = new StringBuilder();
        for (GenerationEvent event : events) {
            switch (event) {
                case GenerationEvent.Token token -> text.append(token.text());
                case GenerationEvent.Finished finished -> text.append(finished.text());
                case GenerationEvent.PromptScored scored -> {}
                case GenerationEvent.Failed failed -> throw new AssertionError(failed.message());
            }
        }
        return text.toString();
    }

    static GenerationEvent.Finished finished(List<GenerationEvent> events) {
        return (GenerationEvent.Finished) events.getLast();
    }
}
