package dev.loci.api.openai;

import dev.loci.engine.EngineStats;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/// `/q/stats`: what the engine has done and what it holds, as [EngineStats] has it. Numbers alone, of all requests
/// together.
@Path("/q/stats")
@RegisterForReflection(targets = {EngineStats.class, EngineStats.Table.class})
public final class StatsResource {
    private final ModelSource models;

    @Inject
    StatsResource(ModelSource models) {
        this.models = models;
    }

    @GET
    public Response stats() {
        EngineStats stats = models.stats().orElseThrow(ApiException::noModel);
        return Response.ok(Wire.snakeCaseJson(stats), MediaType.APPLICATION_JSON)
                .header("Cache-Control", "no-store")
                .build();
    }
}
