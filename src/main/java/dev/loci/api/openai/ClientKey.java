package dev.loci.api.openai;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.util.Optional;

/// Who sends a request, so that the engine serves all evenly: the bearer token, or the peer's address without one. It
/// is compared only, never logged, and does not let anybody in.
final class ClientKey {
    private static final String SCHEME = "Bearer ";

    private ClientKey() {}

    static String of(HttpServerRequest request) {
        String address = Optional.ofNullable(request.remoteAddress())
                .map(SocketAddress::hostAddress)
                .orElse("");
        // no token is taken for an address, whatever it says
        return token(request).map(token -> "token " + token).orElse("address " + address);
    }

    /// The bearer token.
    static Optional<String> token(HttpServerRequest request) {
        return Optional.ofNullable(request.getHeader("Authorization"))
                .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(value -> value.substring(SCHEME.length()).strip())
                .filter(token -> !token.isEmpty());
    }
}
