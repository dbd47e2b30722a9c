package dev.loci.api.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/// Closes connections whose client takes too long to ask: an idle one, and one that sends a head or a body a byte at a
/// time; and those whose client does not read what it asked for. The server's own idle time-out starts anew with each
/// byte, and would end answers that take their time.
///
/// A connection that asks for nothing shows itself to no handler of requests, so the first request of all puts a
/// handler behind the socket that accepts connections; those of before are watched from their first request on.
@Singleton
final class SlowClients {
    /// Before everything that may answer.
    private static final int PRIORITY = 500;

    private static final String NAME = "loci-slow-clients";

    private final ConnectionLimits limits;
    private final Accepted accepted = new Accepted();

    @Inject
    SlowClients(ConnectionLimits limits) {
        this.limits = limits;
    }

    void addTo(@Observes Filters filters) {
        filters.register(this::pass, PRIORITY);
    }

    private void pass(RoutingContext context) {
        if (context.request().connection() instanceof ConnectionBase connection) {
            Channel channel = connection.channel();
            watchAccepting(channel.parent());
            HeadDeadline head = HeadDeadline.of(channel, limits.head());
            head.requestBegan();
            context.addEndHandler(_ -> head.requestEnded());
            WriteDeadline.of(channel, head, limits.write()).requestBegan();
            if (context.request().version() == HttpVersion.HTTP_2) {
                StreamDeadline.watch(context, channel, limits.write());
            }
            if (hasBody(context.request())) {
                expectBody(context, channel);
            }
        }
        context.next();
    }

    /// A stream of HTTP/2 need not say so before.
    private static boolean hasBody(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            return !request.isEnded();
        }
        String length = request.getHeader("Content-Length");
        return length == null ? request.getHeader("Transfer-Encoding") != null : !length.equals("0");
    }

    /// Until it is read, or nobody will: what then still comes is the next head's business, and over HTTP/2 nobody's.
    private void expectBody(RoutingContext context, Channel channel) {
        boolean http2 = context.request().version() == HttpVersion.HTTP_2;
        ScheduledFuture<?> deadline = http2
                ? StreamDeadline.resetAfter(context, channel, limits.body())
                : HeadDeadline.closeAfter(channel, limits.body());
        context.request().end().onComplete(_ -> deadline.cancel(false));
        context.addEndHandler(_ -> deadline.cancel(false));
        if (http2) {
            StreamDeadline.resetAfterAnswer(context);
        }
    }

    /// Once for each socket; the pipeline refuses a second handler of the name, which two first requests may add.
    private void watchAccepting(Channel socket) {
        if (socket != null && socket.pipeline().get(NAME) == null) {
            socket.eventLoop().execute(() -> {
                if (socket.pipeline().get(NAME) == null) {
                    socket.pipeline().addFirst(NAME, accepted);
                }
            });
        }
    }

    /// Begins to watch each connection as it is accepted.
    private final class Accepted extends ChannelInboundHandlerAdapter {
        /// Several sockets have it.
        @Override
        public boolean isSharable() {
            return true;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            // afterwards it has its event loop
            context.fireChannelRead(message);
            if (message instanceof Channel channel) {
                channel.eventLoop().execute(() -> HeadDeadline.of(channel, limits.head()));
            }
        }
    }
}
