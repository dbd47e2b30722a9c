package dev.loci.app;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

@Path("/probe")
public final class Probe {
    @GET
    public String get() {
        return "ok";
    }
}
