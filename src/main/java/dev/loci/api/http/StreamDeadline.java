package dev.loci.api.http;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Resets one stream of HTTP/2 when its client leaves no room in its window for too long: the connection goes on, and
/// what waits for the window never reaches the socket, where [WriteDeadline] looks. Used by the event loop of its
/// connection alone.
final class StreamDeadline {
    private static final int LOOKS = 8;
    private static final long NO_ERROR = 0;
    private static final long CANCEL = 8;

    /// A body that says so is read to its end, for not every client takes an answer that is reset after it.
    private static final int SMALL_BODY = 1 << 16;

    private final Channel channel;
    private final HttpServerResponse response;
    private final long limitNanos;
    private boolean ended;
    private long since = System.nanoTime();
    private long written;

    private StreamDeadline(Channel channel, HttpServerResponse response, Duration limit) {
        this.channel = channel;
        this.response = response;
        this.limitNanos = limit.toNanos();
    }

    static void watch(RoutingContext context, Channel channel, Duration limit) {
        StreamDeadline deadline = new StreamDeadline(channel, context.response(), limit);
        context.addEndHandler(_ -> deadline.ended = true);
        deadline.lookLater();
    }

    /// Resets a stream, unless that is cancelled before.
    static ScheduledFuture<?> resetAfter(RoutingContext context, Channel channel, Duration limit) {
        return channel.eventLoop()
                .schedule(() -> context.response().reset(CANCEL), limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// Tells the client to send no more of a body when the answer has ended before it.
    static void resetAfterAnswer(RoutingContext context) {
        context.addEndHandler(_ -> {
            if (!context.request().isEnded() && !hasSmallBody(context.request())) {
                context.response().reset(NO_ERROR);
            }
        });
    }

    private static boolean hasSmallBody(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        return length != null && length.matches("[0-9]{1,5}") && Integer.parseInt(length) <= SMALL_BODY;
    }

    private void lookLater() {
        ScheduledFuture<?> _ = channel.eventLoop().schedule(this::look, limitNanos / LOOKS, TimeUnit.NANOSECONDS);
    }

    private void look() {
        if (ended || response.ended() || response.closed()) {
            return;
        }
        long now = System.nanoTime();
        // who writes stops where the queue is full
        if (!response.writeQueueFull() || response.bytesWritten() != written) {
            since = now;
            written = response.bytesWritten();
        }
        if (now - since >= limitNanos) {
            response.reset(CANCEL);
        } else {
            lookLater();
        }
    }
}
