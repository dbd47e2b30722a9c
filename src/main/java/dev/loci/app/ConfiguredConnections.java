package dev.loci.app;

import dev.loci.api.http.ConnectionLimits;
import dev.loci.config.ConfigException;
import dev.loci.config.LociConfig;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;

/// The limits that the configuration sets; until they are read, and where they are impossible, nobody may take long.
@Singleton
final class ConfiguredConnections implements ConnectionLimits {
    private record Limits(Duration head, Duration body, Duration write) {}

    private static final Duration SHORT = Duration.ofSeconds(1);

    private final LociConfig config;
    private final StartupFailure failure;
    private volatile Limits limits = new Limits(SHORT, SHORT, SHORT);

    @Inject
    ConfiguredConnections(LociConfig config, StartupFailure failure) {
        this.config = config;
        this.failure = failure;
    }

    void load(@Observes StartupEvent event) {
        try {
            limits = new Limits(
                    Settings.positive("loci.http.head-timeout", config.http().headTimeout()),
                    Settings.positive("loci.http.body-timeout", config.http().bodyTimeout()),
                    Settings.positive("loci.http.write-timeout", config.http().writeTimeout()));
        } catch (ConfigException e) {
            failure.set(e.getMessage());
        }
    }

    @Override
    public Duration head() {
        return limits.head();
    }

    @Override
    public Duration body() {
        return limits.body();
    }

    @Override
    public Duration write() {
        return limits.write();
    }
}
