package dev.loci.api.openai;

import dev.loci.engine.GenerationEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes the answer to one order, whole or as server-sent events, while its generations run.
final class Answerer {
    private final Order order;
    private final Call call;
    private final HttpServerResponse response;
    private final StreamWriter writer;
    private final AnswerFormat format;
    private final Choices choices;

    Answerer(Answerable answerable, Call call, HttpServerResponse response, StreamWriter writer) {
        this.order = answerable.order();
        this.call = call;
        this.response = response;
        this.writer = writer;
        this.format = answerable.format();
        this.choices = new Choices(order);
    }

    Response answer() {
        return order.stream() ? stream() : whole();
    }

    private Response whole() {
        List<List<Piece>> pieces = new ArrayList<>();
        for (int i = 0; i < choices.count(); i++) {
            pieces.add(new ArrayList<>());
        }
        try {
            call.awaitEnd();
            for (Optional<Call.Emission> next = call.poll(); next.isPresent(); next = call.poll()) {
                int index = next.get().index();
                pieces.get(index).add(choices.on(index, next.get().event()));
            }
        } catch (ApiException e) {
            call.cancel();
            throw e;
        }
        List<Piece> shown =
                choices.shown().stream().map(pieces::get).map(Piece::joined).toList();
        return Response.ok(Wire.json(format.whole(shown, choices.usage())), "application/json")
                .build();
    }

    /// Waits for the first event, so that a generation which fails at once still has its status.
    private Response stream() {
        Optional<Call.Emission> first = call.awaitNext();
        if (first.isPresent() && first.get().event() instanceof GenerationEvent.Failed failed) {
            call.cancel();
            throw ApiException.of(failed);
        }
        return Response.ok((StreamingOutput) this::write, "text/event-stream")
                .header("Cache-Control", "no-cache")
                .header("X-Accel-Buffering", "no")
                .build();
    }

    /// The first events go the framework's way, which sends the head with them; the rest skips it.
    private void write(OutputStream out) {
        EventStream stream = new EventStream(call, format, choices);
        try {
            Buffer first = stream.take();
            // a token may have no text yet, and the framework sends no head without a byte
            while (first.length() == 0 && call.awaitNext().isPresent()) {
                first = stream.take();
            }
            if (first.length() > 0) {
                out.write(first.getBytes());
                out.flush();
            }
            stream.handOver(response, writer);
        } catch (IOException e) {
            // nobody reads any more: the generations end, and there is nobody to tell
            call.abandon();
        }
    }
}
