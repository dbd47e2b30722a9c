package dev.loci.app;

import dev.loci.store.ModelDirectory;
import dev.loci.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// The tokenizer of the model that a command is about to serve, opened on a core of its own while the framework starts
/// on another: it takes as long as all the rest of a start. Thread-safe.
public final class EarlyTokenizer {
    private static final AtomicReference<Optional<EarlyTokenizer>> UNDER_WAY = new AtomicReference<>(Optional.empty());

    private final Path model;
    private final Opening<Tokenizer> opening;

    private EarlyTokenizer(Path model) {
        this.model = model;
        this.opening = Opening.start(
                "loci-tokenizer", () -> Tokenizer.open(ModelDirectory.tokenizerFile(model)), Tokenizer::close);
    }

    /// Starts to open the tokenizer of a model, for the [ModelRuntime] of that model that is opened next.
    /// @param model its directory, which need not be one: whoever takes the tokenizer is told
    public static void start(Path model) {
        UNDER_WAY.getAndSet(Optional.of(new EarlyTokenizer(model))).ifPresent(other -> other.opening.close());
    }

    /// The tokenizer of a model, under way already or from now on; the caller's.
    static Opening<Tokenizer> take(Path model) {
        Optional<EarlyTokenizer> early = UNDER_WAY.getAndSet(Optional.empty());
        if (early.isPresent() && early.get().model.equals(model)) {
            return early.get().opening;
        }
        early.ifPresent(other -> other.opening.close());
        return new EarlyTokenizer(model).opening;
    }
}
