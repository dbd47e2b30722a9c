package dev.loci.api.openai;

import dev.loci.engine.Generator;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.BiFunction;

/// `/v1` as OpenAI's clients know it.
@Path("/v1")
public final class OpenAiResource {
    private final Reading reading;
    private final OpenCalls open;
    private final StreamWriters writers = new StreamWriters();

    @Inject
    OpenAiResource(Reading reading, OpenCalls open) {
        this.reading = reading;
        this.open = open;
    }

    @POST
    @Path("completions")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response completions(InputStream body, @Context RoutingContext context) throws IOException {
        return answer(body, context, Answerable::completion);
    }

    @POST
    @Path("chat/completions")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response chatCompletions(InputStream body, @Context RoutingContext context) throws IOException {
        return answer(body, context, Answerable::chat);
    }

    @POST
    @Path("responses")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response responses(InputStream body, @Context RoutingContext context) throws IOException {
        return answer(body, context, ResponsesParser::parse);
    }

    @GET
    @Path("models")
    public Response models() {
        return json(new Wire.ModelList("list", List.of(card(reading.served()))));
    }

    @GET
    @Path("models/{id:.+}")
    public Response model(@PathParam("id") String id) {
        ServedModel model = reading.served();
        if (!id.equals(model.id())) {
            throw ApiException.modelNotFound(model.id(), id);
        }
        return json(card(model));
    }

    private Response answer(
            InputStream body, RoutingContext context, BiFunction<RequestFields, ServedModel, Answerable> parser)
            throws IOException {
        ServedModel model = reading.served();
        Answerable answerable = reading.read(body, model, parser).onBehalfOf(ClientKey.of(context.request()));
        StreamWriter writer = writers.of(context);
        Call call = new Call(writer.flushing());
        submit(call, model.generator(), answerable.order());
        // a client that leaves inside a stream looks like a success here; after the last event this does nothing
        context.addEndHandler(_ -> end(call));
        if (context.response().closed()) {
            end(call);
        }
        return new Answerer(answerable, call, context.response(), writer).answer();
    }

    /// A call counts as open before the engine has it, so that whoever waits for none misses none.
    private void submit(Call call, Generator generator, Order order) {
        boolean submitted = false;
        open.add(call);
        try {
            call.submit(generator, order);
            submitted = true;
        } finally {
            if (!submitted) {
                open.remove(call);
            }
        }
    }

    private void end(Call call) {
        call.abandon();
        open.remove(call);
    }

    private static Wire.ModelCard card(ServedModel model) {
        return new Wire.ModelCard(model.id(), "model", model.created(), "loci", model.contextTokens());
    }

    private static Response json(Object value) {
        return Response.ok(Wire.json(value), MediaType.APPLICATION_JSON).build();
    }
}
