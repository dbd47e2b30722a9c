package dev.loci.app;

import dev.loci.api.openai.ApiKeys;
import dev.loci.api.openai.KeySource;
import dev.loci.config.ConfigException;
import dev.loci.config.LociConfig;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/// The keys that the configuration names. Where they cannot be had, nobody gets in and the start ends with the reason
/// in [StartupFailure].
@Singleton
final class ConfiguredKeys implements KeySource {
    private static final Logger LOG = Logger.getLogger("dev.loci");

    private final LociConfig config;
    private final StartupFailure failure;
    private volatile Supplier<Optional<ApiKeys>> source = ConfiguredKeys::closed;

    @Inject
    ConfiguredKeys(LociConfig config, StartupFailure failure) {
        this.config = config;
        this.failure = failure;
    }

    /// A key that nobody has.
    private static Optional<ApiKeys> closed() {
        return Optional.of(ApiKeys.of(List.of(UUID.randomUUID().toString())));
    }

    void load(@Observes StartupEvent event) {
        try {
            source = source(Settings.keys(config.api()));
        } catch (ConfigException e) {
            failure.set(e.getMessage());
        }
    }

    private static Supplier<Optional<ApiKeys>> source(KeyOptions options) {
        if (options.file().isEmpty()) {
            return options::listed;
        }
        KeyFile file = open(options.file().get());
        return () -> Optional.of(file.current());
    }

    private static KeyFile open(Path path) {
        String expected = "a file with one API key a line";
        try {
            return KeyFile.open(path, LOG::warn);
        } catch (IOException e) {
            throw ConfigException.of(
                    "configuration", "loci.api.keys.file", expected, "none that can be read at " + path);
        } catch (IllegalArgumentException e) {
            throw ConfigException.of(
                    "configuration", "loci.api.keys.file", expected, path + " (" + e.getMessage() + ")");
        }
    }

    @Override
    public Optional<ApiKeys> current() {
        return source.get();
    }
}
