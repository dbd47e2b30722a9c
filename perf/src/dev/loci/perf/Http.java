package dev.loci.perf;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;

/// Sends requests to one server over connections that are kept, as clients keep them. For any number of threads.
final class Http {
    private static final long MAX_IDLE_MILLIS = 2000;

    record Reply(int status, String body) {}

    private final String host;
    private final int port;
    private final String root;
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();

    /// @param url `http://host:port`, with or without `/v1`
    Http(String url) {
        URI uri = URI.create(url);
        if (!"http".equals(uri.getScheme()) || uri.getHost() == null) {
            throw new Arguments.Wrong("--url: expected http://host:port, found " + url);
        }
        host = uri.getHost();
        port = uri.getPort() < 0 ? 80 : uri.getPort();
        root = uri.getPath().replaceFirst("/+$", "").replaceFirst("/v1$", "");
    }

    int port() {
        return port;
    }

    boolean isLocal() {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }

    /// @param key sent as a bearer token unless empty
    byte[] post(String path, String key, String body) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        byte[] head = (head("POST", path) + "Content-Type: application/json\r\n"
                        + (key.isEmpty() ? "" : "Authorization: Bearer " + key + "\r\n") + "Content-Length: "
                        + content.length + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        byte[] request = new byte[head.length + content.length];
        System.arraycopy(head, 0, request, 0, head.length);
        System.arraycopy(content, 0, request, head.length, content.length);
        return request;
    }

    /// Any request with a body; the host that is asked for stands in the headers too.
    byte[] request(String method, String path, Map<String, String> headers, String body) {
        StringBuilder head = new StringBuilder(method + " " + root + path + " HTTP/1.1\r\n");
        headers.forEach((name, value) ->
                head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Length: ")
                .append(body.getBytes(StandardCharsets.UTF_8).length)
                .append("\r\n\r\n");
        return head.append(body).toString().getBytes(StandardCharsets.UTF_8);
    }

    /// Sends and reads the answer's head. The caller gives the connection back with [#release], or closes it.
    Connection exchange(byte[] request, long deadline) throws IOException {
        Connection kept = idle.pollFirst();
        while (kept != null && kept.idleMillis() > MAX_IDLE_MILLIS) {
            kept.close();
            kept = idle.pollFirst();
        }
        if (kept != null) {
            try {
                return exchange(kept, request, deadline);
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                // a server may close a kept connection at any time before it has read a request from it
                if (kept.heard()) {
                    throw e;
                }
            }
        }
        return exchange(Connection.open(host, port), request, deadline);
    }

    private static Connection exchange(Connection connection, byte[] request, long deadline) throws IOException {
        boolean answered = false;
        try {
            connection.send(request, deadline);
            connection.readHead();
            answered = true;
            return connection;
        } finally {
            if (!answered) {
                connection.close();
            }
        }
    }

    /// @param connection its answer has been read to the end
    void release(Connection connection) {
        if (connection.keepAlive()) {
            connection.idle();
            idle.addFirst(connection);
        } else {
            connection.close();
        }
    }

    Reply get(String path) throws IOException {
        return whole((head("GET", path) + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    Reply whole(byte[] request) throws IOException {
        Connection connection = exchange(request, System.nanoTime() + TimeUnit.SECONDS.toNanos(120));
        boolean read = false;
        try {
            Reply reply = new Reply(connection.status(), connection.readBody());
            read = true;
            return reply;
        } finally {
            if (read) {
                release(connection);
            } else {
                connection.close();
            }
        }
    }

    /// The first model that the server names.
    Optional<String> firstModel() throws IOException {
        Reply reply = get("/v1/models");
        if (reply.status() != 200) {
            return Optional.empty();
        }
        return Json.at(Json.parse(reply.body()), "data", 0, "id") instanceof String id
                ? Optional.of(id)
                : Optional.empty();
    }

    /// Connections for a load; those of this object are for the few requests beside it.
    Loop loop() throws IOException {
        return Loop.open(host, port);
    }

    void closeIdle() {
        for (Connection kept = idle.pollFirst(); kept != null; kept = idle.pollFirst()) {
            kept.close();
        }
    }

    private String head(String method, String path) {
        return method + " " + root + path + " HTTP/1.1\r\nHost: " + host + ":" + port + "\r\n";
    }
}
