package dev.loci.api.openai;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/// Gives every failure OpenAI's shape; no class names and no traces leave the server.
final class ErrorMapping {
    private static final Logger LOG = Logger.getLogger(ErrorMapping.class);

    private static final int TOO_LARGE = 413;

    @ServerExceptionMapper
    Response api(ApiException e, HttpServerRequest request) {
        Response.ResponseBuilder response =
                Response.status(e.status()).entity(Wire.json(e.body())).type(MediaType.APPLICATION_JSON);
        e.retryAfterSeconds().ifPresent(seconds -> response.header("Retry-After", seconds));
        if (e.status() == TOO_LARGE && request.version() != HttpVersion.HTTP_2) {
            // the rest of the body is still on its way; HTTP/2 has no such header, and resets the stream
            response.header("Connection", "close");
        }
        return response.build();
    }

    @ServerExceptionMapper
    Response web(WebApplicationException e, HttpServerRequest request) {
        int status = e.getResponse().getStatus();
        return api(
                switch (status) {
                    case 404 ->
                        ApiException.request(404, "not_found", "path: expected one of this server's, found another");
                    case 405 ->
                        ApiException.request(
                                405, "method_not_allowed", "method: expected one that the path has, found another");
                    case 406 ->
                        ApiException.request(
                                406,
                                "not_acceptable",
                                "Accept: expected application/json or text/event-stream, found neither");
                    case 415 ->
                        ApiException.request(
                                415,
                                "unsupported_media_type",
                                "Content-Type: expected application/json, found another");
                    default ->
                        status < 500
                                ? ApiException.request(
                                        status, "bad_request", "request: expected one that can be read, found another")
                                : unexpected(e);
                },
                request);
    }

    /// Reading the body failed: the client broke it off, or it is no HTTP.
    @ServerExceptionMapper
    Response body(IOException e, HttpServerRequest request) {
        LOG.debug("a request's body could not be read", e);
        return api(
                ApiException.request(400, ApiException.UNREADABLE_BODY, "body: expected all of it, found its end"),
                request);
    }

    @ServerExceptionMapper
    Response other(RuntimeException e, HttpServerRequest request) {
        return api(unexpected(e), request);
    }

    private static ApiException unexpected(RuntimeException e) {
        LOG.error("a request failed", e);
        return ApiException.internal("the server made a mistake; its log says more");
    }
}
