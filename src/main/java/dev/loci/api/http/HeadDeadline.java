package dev.loci.api.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Closes one connection when it has no request for too long. Used by the event loop of its connection alone.
final class HeadDeadline {
    private static final AttributeKey<HeadDeadline> KEY = AttributeKey.valueOf(HeadDeadline.class, "of");

    private final Channel channel;
    private final Duration limit;
    /// Several at once over HTTP/2.
    private int requests;

    private Optional<ScheduledFuture<?>> timer = Optional.empty();

    private HeadDeadline(Channel channel, Duration limit) {
        this.channel = channel;
        this.limit = limit;
    }

    /// The connection's own, which begins with the first call.
    static HeadDeadline of(Channel channel, Duration limit) {
        HeadDeadline known = channel.attr(KEY).get();
        if (known != null) {
            return known;
        }
        HeadDeadline deadline = new HeadDeadline(channel, limit);
        channel.attr(KEY).set(deadline);
        channel.closeFuture().addListener(_ -> deadline.stop());
        deadline.start();
        return deadline;
    }

    boolean idle() {
        return requests == 0;
    }

    void requestBegan() {
        requests++;
        stop();
    }

    void requestEnded() {
        requests--;
        if (requests == 0 && channel.isOpen()) {
            start();
        }
    }

    private void start() {
        stop();
        Runnable end = () -> {
            if (WriteDeadline.pending(channel)) {
                // an answer of before is still being read
                start();
            } else {
                ChannelFuture _ = channel.close();
            }
        };
        timer = Optional.of(channel.eventLoop().schedule(end, limit.toMillis(), TimeUnit.MILLISECONDS));
    }

    static ScheduledFuture<?> closeAfter(Channel channel, Duration limit) {
        Runnable close = () -> {
            ChannelFuture _ = channel.close();
        };
        return channel.eventLoop().schedule(close, limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void stop() {
        timer.ifPresent(running -> running.cancel(false));
        timer = Optional.empty();
    }
}
