package dev.loci.api.openai;

import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;

/// Text to ids and back, for clients that count tokens.
@Path("/")
public final class TokenizeResource {
    private final Reading reading;

    @Inject
    TokenizeResource(Reading reading) {
        this.reading = reading;
    }

    @POST
    @Path("tokenize")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response tokenize(InputStream body) throws IOException {
        return json(reading.read(body, reading.served(), Tokenization::tokenize));
    }

    @POST
    @Path("detokenize")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response detokenize(InputStream body) throws IOException {
        return json(reading.read(body, reading.served(), Tokenization::detokenize));
    }

    private static Response json(Object value) {
        return Response.ok(Wire.json(value), MediaType.APPLICATION_JSON).build();
    }
}
