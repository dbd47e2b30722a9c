package dev.loci.app;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Something that is opened on a thread of its own, beside what the caller opens meanwhile.
final class Opening<T> implements AutoCloseable {
    private final CompletableFuture<T> future;
    private final Consumer<? super T> closer;

    private Opening(CompletableFuture<T> future, Consumer<? super T> closer) {
        this.future = future;
        this.closer = closer;
    }

    /// Starts to open.
    /// @param thread its name
    /// @param closer of what was opened
    static <T> Opening<T> start(String thread, Supplier<T> opener, Consumer<? super T> closer) {
        return new Opening<>(
                CompletableFuture.supplyAsync(
                        opener,
                        task -> Thread.ofPlatform().daemon().name(thread).start(task)),
                closer);
    }

    /// Starts to make something that need not be closed.
    static <T> Opening<T> start(String thread, Supplier<T> maker) {
        return start(thread, maker, _ -> {});
    }

    /// Waits until it is open, and gives what was opened, or throws what opening threw.
    T await() {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause(); // a supplier throws nothing that is checked
        }
    }

    /// Closes what was opened, if it was; what is still being opened is closed when it is open, for which nobody waits.
    @Override
    public void close() {
        CompletableFuture<Void> _ = future.thenAccept(closer);
    }
}
