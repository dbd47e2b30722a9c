package dev.loci.engine;

import dev.loci.kernel.KvType;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.MappedMemory;
import dev.loci.store.ModelDirectory;
import dev.loci.tokenizer.Tokenizer;
import java.util.Optional;
import java.util.function.Consumer;

/// The engine of one model. Thread-safe; [#close] waits for the step loop to end.
public final class Engine implements Generator, AutoCloseable {
    /// Starts the step loop. The engine borrows what it is given: close it first, the others after it.
    /// @throws EngineException where the model cannot run with these options
    public static Engine open(
            ModelDirectory model, Tokenizer tokenizer, Kernels kernels, MappedMemory memory, EngineOptions options) {
        throw new UnsupportedOperationException("open");
    }

    @Override
    public Generation submit(GenerationRequest request, Consumer<? super GenerationEvent> sink) {
        throw new UnsupportedOperationException("submit");
    }

    /// Longest sequence, prompt and new tokens together. A request that only scores may be one token longer.
    public int contextTokens() {
        return 0;
    }

    public int vocabSize() {
        return 0;
    }

    public KvType kvType() {
        return KvType.F32;
    }

    /// Why nothing is served any more, where that is so.
    public Optional<String> damage() {
        return Optional.empty();
    }

    /// Requests that run in the current step.
    public int running() {
        return 0;
    }

    /// Requests that wait for room.
    public int waiting() {
        return 0;
    }

    @Override
    public void close() {}
}
