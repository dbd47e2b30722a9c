package dev.loci.api.openai;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;

/// One streamed answer. Its events are written by the request's thread up to [#handOver], by the event loop of its
/// connection from then on.
final class EventStream {
    private final Call call;
    private final AnswerFormat format;
    private final Choices choices;
    private final boolean[] opened;
    private int finished;
    private boolean paused;
    private boolean done;
    private volatile boolean ended;
    private volatile Optional<RuntimeException> fault = Optional.empty();
    private HttpServerResponse response;

    EventStream(Call call, AnswerFormat format, Choices choices) {
        this.call = call;
        this.format = format;
        this.choices = choices;
        this.opened = new boolean[choices.count()];
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
            bytes.appendBytes(format.failure(e));
            done = true;
        }
        return bytes;
    }

    /// A stream shows every generation: its choices are the generations.
    private void add(Buffer bytes, Call.Emission emission) {
        int index = emission.index();
        if (!opened[index]) {
            opened[index] = true;
            bytes.appendBytes(format.opening(index));
        }
        Piece piece = choices.on(index, emission.event());
        if (!piece.isEmpty()) {
            bytes.appendBytes(format.event(index, piece));
        }
        if (piece.finishReason().isPresent() && ++finished == choices.count()) {
            bytes.appendBytes(format.closing(choices.usage()));
            done = true;
        }
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

    /// Writes what there is as far as the client reads it; what nobody reads is not generated either. Called on the
    /// event loop.
    void write() {
        if (ended) {
            return;
        }
        try {
            if (call.gone() || response.closed()) {
                ended = true;
            } else if (response.writeQueueFull()) {
                pause();
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

    /// Until the client has read what is written. Nothing is left to pause once the end is among that.
    private void pause() {
        if (!paused && !done) {
            paused = true;
            call.pause();
        }
        response.drainHandler(_ -> write());
    }

    /// The framework ends the answer: it must not have to wait for a full queue, for the drain handler is ours.
    private void writeTaken() {
        if (paused) {
            paused = false;
            call.resume();
        }
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
