package dev.loci.app;

import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// Why the model could not be loaded. The server's main program prints it as one line and ends.
@Singleton
public final class StartupFailure {
    private final AtomicReference<String> message = new AtomicReference<>("");

    StartupFailure() {}

    void set(String text) {
        message.set(text);
    }

    /// Empty where the model was loaded.
    public Optional<String> message() {
        return Optional.of(message.get()).filter(text -> !text.isEmpty());
    }
}
