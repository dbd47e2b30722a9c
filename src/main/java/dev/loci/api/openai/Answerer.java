package dev.loci.api.openai;

import dev.loci.engine.GenerationEvent;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes the answer to one order, whole or as server-sent events, while its generations run.
final class Answerer {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Order order;
    private final Call call;
    private final AnswerFormat format;
    private final Choices choices;

    Answerer(Order order, Call call, ServedModel model) {
        this.order = order;
        this.call = call;
        this.format = AnswerFormat.of(order, model);
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
            for (Optional<Call.Emission> next = call.take(); next.isPresent(); next = call.take()) {
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
        Optional<Call.Emission> first = call.peek();
        if (first.isPresent() && first.get().event() instanceof GenerationEvent.Failed failed) {
            call.cancel();
            throw ApiException.of(failed);
        }
        return Response.ok((StreamingOutput) this::write, "text/event-stream")
                .header("Cache-Control", "no-cache")
                .header("X-Accel-Buffering", "no")
                .build();
    }

    private void write(OutputStream out) {
        try {
            try {
                writeEvents(out);
            } catch (ApiException e) {
                call.cancel();
                event(out, e.body());
            }
        } catch (IOException e) {
            // nobody reads any more: the generations end, and there is nobody to tell
            call.abandon();
        }
    }

    /// A stream shows every generation: its choices are the generations.
    private void writeEvents(OutputStream out) throws IOException {
        boolean[] opened = new boolean[choices.count()];
        int finished = 0;
        for (Optional<Call.Emission> next = call.take(); next.isPresent(); next = call.take()) {
            int index = next.get().index();
            if (!opened[index]) {
                opened[index] = true;
                for (Object chunk : format.opening(index)) {
                    event(out, chunk);
                }
            }
            Piece piece = choices.on(index, next.get().event());
            if (!piece.isEmpty()) {
                event(out, format.chunk(index, piece));
            }
            finished += piece.finishReason().isPresent() ? 1 : 0;
        }
        if (finished < choices.count()) {
            return;
        }
        if (order.includeUsage()) {
            event(out, format.usageChunk(choices.usage()));
        }
        out.write(DONE);
        out.flush();
    }

    private static void event(OutputStream out, Object value) throws IOException {
        byte[] json = Wire.json(value);
        byte[] event = new byte[DATA.length + json.length + END.length];
        System.arraycopy(DATA, 0, event, 0, DATA.length);
        System.arraycopy(json, 0, event, DATA.length, json.length);
        System.arraycopy(END, 0, event, DATA.length + json.length, END.length);
        out.write(event);
        out.flush();
    }
}
