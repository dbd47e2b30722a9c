package dev.loci.telemetry;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `/q/metrics`: everything, as Prometheus reads it. Without telemetry there is nothing to read: 404.
@Path("/q/metrics")
public final class MetricsResource {
    private final Scrapes scrapes;
    private final TelemetryOptions options;

    @Inject
    MetricsResource(Scrapes scrapes, TelemetryOptions options) {
        this.scrapes = scrapes;
        this.options = options;
    }

    @GET
    @RunOnVirtualThread
    public Response metrics() {
        if (!options.enabled()) {
            return Response.status(Response.Status.NOT_FOUND)
                    .type("text/plain")
                    .entity("telemetry is off (loci.telemetry.disabled)\n")
                    .build();
        }
        Map<String, Family> families = PrometheusText.families(scrapes.collect());
        List<Family> all = new ArrayList<>(families.values());
        if (options.vllmNames()) {
            all.addAll(VllmNames.of(families));
        }
        return Response.ok(PrometheusText.of(all).getBytes(StandardCharsets.UTF_8), PrometheusText.MEDIA_TYPE)
                .header("Cache-Control", "no-store")
                .build();
    }
}
