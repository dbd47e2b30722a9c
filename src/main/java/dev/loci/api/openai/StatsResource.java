package dev.loci.api.openai;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.loci.engine.EngineStats;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

/// `/q/stats`: what the ops are, and what the engine has done and holds, as [EngineStats] has it: of all requests
/// together.
@Path("/q/stats")
@RegisterForReflection(targets = {EngineStats.class, EngineStats.Table.class, StatsResource.Body.class})
public final class StatsResource {
    record Body(
            String kernels, String binding, @JsonUnwrapped EngineStats engine) {}

    private final ModelSource models;

    @Inject
    StatsResource(ModelSource models) {
        this.models = models;
    }

    @GET
    public Response stats() {
        EngineStats stats = models.stats().orElseThrow(ApiException::noModel);
        ModelSource.Ops ops = models.ops().orElseThrow(ApiException::noModel);
        return Response.ok(
                        Wire.snakeCaseJson(new Body(ops.kernels(), ops.binding(), stats)), MediaType.APPLICATION_JSON)
                .header("Cache-Control", "no-store")
                .build();
    }
}
