package dev.loci.api.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.util.AttributeKey;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Closes one connection when nothing of what waits to be sent goes out for too long: its client does not read. Looks
/// now and then, while there is a request or something to send, rather than at each write. Used by the event loop of
/// its
/// connection alone.
final class WriteDeadline {
    private static final AttributeKey<WriteDeadline> KEY = AttributeKey.valueOf(WriteDeadline.class, "of");
    private static final int LOOKS = 8;

    private final Channel channel;
    private final HeadDeadline requests;
    private final long limitNanos;
    private boolean looking;
    private long since;
    private int first;
    private long sentOfFirst;
    private long pending;

    private WriteDeadline(Channel channel, HeadDeadline requests, Duration limit) {
        this.channel = channel;
        this.requests = requests;
        this.limitNanos = limit.toNanos();
    }

    /// The connection's own.
    /// @param requests knows whether there are any
    static WriteDeadline of(Channel channel, HeadDeadline requests, Duration limit) {
        WriteDeadline known = channel.attr(KEY).get();
        if (known != null) {
            return known;
        }
        WriteDeadline deadline = new WriteDeadline(channel, requests, limit);
        channel.attr(KEY).set(deadline);
        return deadline;
    }

    /// Whether something waits to be sent.
    static boolean pending(Channel channel) {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        return out != null && out.totalPendingWriteBytes() > 0;
    }

    void requestBegan() {
        if (!looking) {
            looking = true;
            since = System.nanoTime();
            lookLater();
        }
    }

    private void lookLater() {
        ScheduledFuture<?> _ = channel.eventLoop().schedule(this::look, limitNanos / LOOKS, TimeUnit.NANOSECONDS);
    }

    private void look() {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        if (out == null || (requests.idle() && out.totalPendingWriteBytes() == 0)) {
            looking = false;
            return;
        }
        long now = System.nanoTime();
        if (moved(out)) {
            since = now;
        }
        if (now - since >= limitNanos) {
            breakOff();
        } else {
            lookLater();
        }
    }

    /// At once: who closes through the whole pipeline first waits for what is to be sent, and a socket that is closed
    /// without a reset for what it holds.
    private void breakOff() {
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.unsafe().close(channel.voidPromise());
    }

    /// Whether there is nothing to send, or something was sent since it was last asked. What is added meanwhile is no
    /// sign of a reader.
    private boolean moved(ChannelOutboundBuffer out) {
        int nowFirst = System.identityHashCode(out.current());
        long nowSent = out.currentProgress();
        long nowPending = out.totalPendingWriteBytes();
        boolean moved = nowPending == 0 || nowFirst != first || nowSent != sentOfFirst || nowPending < pending;
        first = nowFirst;
        sentOfFirst = nowSent;
        pending = nowPending;
        return moved;
    }
}
