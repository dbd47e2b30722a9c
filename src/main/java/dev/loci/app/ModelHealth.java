package dev.loci.app;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;
import org.eclipse.microprofile.health.Startup;

/// Alive is whoever answers; started is who has loaded the model; ready is whose model can answer.
final class ModelHealth {
    private final ModelLifecycle model;

    @Inject
    ModelHealth(ModelLifecycle model) {
        this.model = model;
    }

    @Produces
    @Liveness
    HealthCheck process() {
        return () -> HealthCheckResponse.up("process");
    }

    @Produces
    @Startup
    HealthCheck loaded() {
        return () -> HealthCheckResponse.named("model loaded")
                .status(model.current().isPresent())
                .build();
    }

    @Produces
    @Readiness
    HealthCheck answering() {
        return () -> {
            HealthCheckResponseBuilder response = HealthCheckResponse.named("model answers");
            return model.outage()
                    .map(reason -> response.down().withData("reason", reason).build())
                    .orElseGet(() -> response.up().build());
        };
    }
}
