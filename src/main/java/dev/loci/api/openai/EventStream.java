package dev.loci.api.openai;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;

/// One streamed answer. Its events are written by the request's thread up to [#handOver], by the event loop of its
/// connection from then on.
final class EventStream {
    private final Order order;
    private final Call call;
    private final AnswerFormat format;
    private final Choices choices;
    private final EventFrame[] frames;
    private int finished;
    private boolean done;
    private volatile boolean ended;
    private volatile Optional<RuntimeException> fault = Optional.empty();
    private HttpServerResponse response;

    EventStream(Order order, Call call, AnswerFormat format, Choices choices) {
        this.order = order;
        this.call = call;
        this.format = format;
        this.choices = choices;
        this.frames = new EventFrame[choices.count()];
    }

    /// Bytes of all events that there are now, and of the end of the stream where that has come.
    Buffer take() {
        Buffer bytes = Buffer.buffer();
        try {
            for (Optional<Call.Emission> next = call.poll(); next.isPresent() && !done; next = call.poll()) {
                add(bytes, next.get());
            }
        } catch (ApiException e) {
            call.cancel();
            bytes.appendBytes(ServerSentEvents.event(e.body()));
            done = true;
        }
        return bytes;
    }

    /// A stream shows every generation: its choices are the generations.
    private void add(Buffer bytes, Call.Emission emission) {
        int index = emission.index();
        if (frames[index] == null) {
            frames[index] = EventFrame.of(format, index);
            format.opening(index).forEach(chunk -> bytes.appendBytes(ServerSentEvents.event(chunk)));
        }
        Piece piece = choices.on(index, emission.event());
        if (!piece.isEmpty()) {
            bytes.appendBytes(event(index, piece));
        }
        if (piece.finishReason().isPresent() && ++finished == choices.count()) {
            if (order.includeUsage()) {
                bytes.appendBytes(ServerSentEvents.event(format.usageChunk(choices.usage())));
            }
            bytes.appendBytes(ServerSentEvents.done());
            done = true;
        }
    }

    private byte[] event(int index, Piece piece) {
        return piece.textAlone()
                ? frames[index].event(piece.text())
                : ServerSentEvents.event(format.chunk(index, piece));
    }

    /// Lets the event loop write what comes, and waits until the stream has ended or its client is gone.
    /// @param to has its head and the first events
    void handOver(HttpServerResponse to, StreamWriter writer) {
        if (done) {
            return;
        }
        response = to;
        call.notify(() -> writer.add(this));
        call.await(() -> ended);
        fault.ifPresent(e -> {
            throw e;
        });
    }

    /// Writes what there is as far as the client reads it. Called on the event loop.
    void write() {
        if (ended) {
            return;
        }
        try {
            if (call.gone() || response.closed()) {
                ended = true;
            } else if (response.writeQueueFull()) {
                response.drainHandler(_ -> write());
            } else if (done) {
                ended = true;
            } else {
                writeTaken();
            }
        } catch (RuntimeException e) {
            call.cancel();
            fault = Optional.of(e);
            ended = true;
        }
        if (ended) {
            call.wake();
        }
    }

    /// The framework ends the answer: it must not have to wait for a full queue, for the drain handler is ours.
    private void writeTaken() {
        Buffer bytes = take();
        if (bytes.length() > 0) {
            response.write(bytes);
        }
        if (!done) {
            return;
        }
        if (response.writeQueueFull()) {
            response.drainHandler(_ -> write());
        } else {
            ended = true;
        }
    }
}
