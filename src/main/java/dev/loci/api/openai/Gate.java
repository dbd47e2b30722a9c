package dev.loci.api.openai;

import dev.loci.telemetry.RequestTelemetry;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.regex.Pattern;

/// Lets in whoever has a key, where the server has any. A path needs one unless it is known to show nothing: what is
/// added later is closed.
@Singleton
final class Gate {
    /// After cross-origin answers, which say for themselves who may ask, and before every route.
    private static final int PRIORITY = 250;

    /// Probes, and the files of the page. Plain names alone: nothing that two readers of a path could take for two.
    private static final Pattern OPEN = Pattern.compile("/|/q/health(/[A-Za-z0-9-]+)*"
            + "|/(?!v1/|q/)([A-Za-z0-9_-]+/)*[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*"
            + "\\.(html|css|js|svg|png|ico|woff2|webmanifest)");

    /// A body of that size is read to its end, so that its sender sees the answer.
    private static final long SMALL_BODY = 1 << 16;

    private final KeySource keys;
    private final RequestTelemetry telemetry;

    @Inject
    Gate(KeySource keys, RequestTelemetry telemetry) {
        this.keys = keys;
        this.telemetry = telemetry;
    }

    void addTo(@Observes Filters filters) {
        filters.register(this::pass, PRIORITY);
    }

    private void pass(RoutingContext context) {
        Optional<ApiKeys> now = keys.current();
        if (now.isEmpty() || isOpen(context)) {
            context.next();
            return;
        }
        Optional<String> token = ClientKey.token(context.request());
        if (token.isPresent() && now.get().have(token.get())) {
            context.next();
        } else {
            refuse(context, token.isPresent());
        }
    }

    private static boolean isOpen(RoutingContext context) {
        HttpMethod method = context.request().method();
        return (method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD))
                && OPEN.matcher(context.normalizedPath()).matches();
    }

    private void refuse(RoutingContext context, boolean found) {
        ApiException error = ApiException.unauthorized(found);
        telemetry.refused(error.code());
        HttpServerResponse response = context.response()
                .setStatusCode(error.status())
                .putHeader("Content-Type", "application/json")
                .putHeader("WWW-Authenticate", "Bearer");
        if (context.request().version() != HttpVersion.HTTP_2 && !hasSmallBody(context.request())) {
            response.putHeader("Connection", "close");
        }
        // nobody reads the body: it is let go by as it comes, over HTTP/2 as far as SlowClients lets it
        context.request().resume();
        response.end(Buffer.buffer(Wire.json(error.body())));
    }

    private static boolean hasSmallBody(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        if (length == null) {
            return request.getHeader("Transfer-Encoding") == null;
        }
        try {
            return Long.parseLong(length) <= SMALL_BODY;
        } catch (NumberFormatException e) {
            // no length that HTTP knows
            return false;
        }
    }
}
