package dev.loci.api.openai;

import dev.loci.engine.Generator;
import dev.loci.telemetry.Operation;
import dev.loci.telemetry.RequestRecord;
import dev.loci.telemetry.RequestTelemetry;
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
    private final RequestTelemetry telemetry;
    private final StreamWriters writers = new StreamWriters();

    @Inject
    OpenAiResource(Reading reading, OpenCalls open, RequestTelemetry telemetry) {
        this.reading = reading;
        this.open = open;
        this.telemetry = telemetry;
    }

    @POST
    @Path("completions")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response completions(InputStream body, @Context RoutingContext context) throws IOException {
        return answer(body, context, Operation.TEXT_COMPLETION, Answerable::completion);
    }

    @POST
    @Path("chat/completions")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response chatCompletions(InputStream body, @Context RoutingContext context) throws IOException {
        return answer(body, context, Operation.CHAT, Answerable::chat);
    }

    @POST
    @Path("responses")
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    public Response responses(InputStream body, @Context RoutingContext context) throws IOException {
        return answer(body, context, Operation.CHAT, ResponsesParser::parse);
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
            InputStream body,
            RoutingContext context,
            Operation operation,
            BiFunction<RequestFields, ServedModel, Answerable> parser)
            throws IOException {
        ServedModel model = served();
        RequestRecord record = telemetry.begin(operation, model.id());
        context.addEndHandler(_ -> record.answered());
        try {
            return answer(body, context, model, record, parser);
        } catch (ApiException e) {
            record.failed(e.code());
            throw e;
        } catch (IOException e) {
            record.failed(ApiException.UNREADABLE_BODY);
            throw e;
        } catch (RuntimeException e) {
            record.failed(ApiException.INTERNAL_ERROR);
            throw e;
        } finally {
            record.handled();
            if (context.response().closed()) {
                // perhaps before anybody listened for its end
                record.answered();
            }
        }
    }

    private Response answer(
            InputStream body,
            RoutingContext context,
            ServedModel model,
            RequestRecord record,
            BiFunction<RequestFields, ServedModel, Answerable> parser)
            throws IOException {
        Answerable answerable = reading.read(body, model, parser).onBehalfOf(ClientKey.of(context.request()));
        Order order = answerable.order();
        StreamWriter writer = writers.of(context);
        Call call = new Call(writer.flushing());
        record.asks(
                answerable.format().id(),
                order.generations(),
                order.copies().candidates(),
                order.stream(),
                () -> model.tokenizer().decode(order.prompt(0), false));
        record.submitting(() -> submit(call, model.generator(), order));
        // a client that leaves inside a stream looks like a success here; after the last event this does nothing
        context.addEndHandler(_ -> end(call));
        if (context.response().closed()) {
            end(call);
            record.answered();
        }
        return new Answerer(answerable, call, context.response(), writer).answer();
    }

    private ServedModel served() {
        try {
            return reading.served();
        } catch (ApiException e) {
            telemetry.refused(e.code());
            throw e;
        }
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
        return new Wire.ModelCard(
                model.id(),
                "model",
                model.created(),
                "loci",
                model.contextTokens(),
                model.memory().map(shape -> new Wire.MemoryCard(shape.layers(), shape.rows(), shape.hits())));
    }

    private static Response json(Object value) {
        return Response.ok(Wire.json(value), MediaType.APPLICATION_JSON).build();
    }
}
