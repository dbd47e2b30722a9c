package dev.loci.app;

import dev.loci.config.ConfigException;
import dev.loci.config.LociConfig;
import dev.loci.telemetry.ModelFigures;
import dev.loci.telemetry.TelemetryOptions;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;

/// Gives telemetry its options, and the figures of the served model.
@Singleton
final class ServerTelemetry implements ModelFigures {
    private static final TelemetryOptions OFF = new TelemetryOptions(false, false, 0, false, false, false);

    private final ModelLifecycle model;

    @Inject
    ServerTelemetry(ModelLifecycle model) {
        this.model = model;
    }

    @Override
    public Optional<Figures> figures() {
        return model.figures();
    }

    /// An impossible value is told by the failure of the start; until then there is no telemetry.
    @Produces
    @Singleton
    static TelemetryOptions options(LociConfig config) {
        try {
            return Settings.telemetry(config.telemetry());
        } catch (ConfigException e) {
            return OFF;
        }
    }
}
