package dev.loci.cli;

import dev.loci.app.ModelLifecycle;
import dev.loci.app.StartupFailure;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;

/// What Quarkus runs for `serve`: waits for the end, unless the model could not be loaded.
@Singleton
public final class ServeApplication implements QuarkusApplication {
    private final StartupFailure failure;
    private final ModelLifecycle lifecycle;

    @Inject
    ServeApplication(StartupFailure failure, ModelLifecycle lifecycle) {
        this.failure = failure;
        this.lifecycle = lifecycle;
    }

    @Override
    public int run(String... args) {
        return run(Streams.ofProcess());
    }

    int run(Streams streams) {
        Optional<String> message = failure.message();
        if (message.isPresent()) {
            Problems.print("loci serve", message.get(), streams);
            return Problems.REFUSED;
        }
        StopSignals.hear(lifecycle::hurry);
        Quarkus.waitForExit();
        return 0;
    }
}
