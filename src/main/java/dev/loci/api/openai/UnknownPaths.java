package dev.loci.api.openai;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;

/// Answers where no other route does.
final class UnknownPaths {
    void addLast(@Observes Router router) {
        router.route().last().handler(context -> {
            ApiException error =
                    ApiException.request(404, "not_found", "path: expected one of this server's, found another");
            context.response()
                    .setStatusCode(error.status())
                    .putHeader("Content-Type", "application/json")
                    .end(Buffer.buffer(Wire.json(error.body())));
        });
    }
}
