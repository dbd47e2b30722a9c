package dev.loci.api.http;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;

/// Bounds what the system holds of an answer: left alone, Linux lets it grow to megabytes for each connection, and it
/// is
/// seen late that nobody reads. At 100 ms to the client and back it still lets some 1.3 MB through a second.
@Singleton
final class SendBuffers implements HttpServerOptionsCustomizer {
    private static final int BYTES = 128 << 10;

    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        options.setSendBufferSize(BYTES);
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        options.setSendBufferSize(BYTES);
    }
}
