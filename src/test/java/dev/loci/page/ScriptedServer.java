package dev.loci.page;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;

/// Serves the page's files, and under `/v1` whatever a test says.
final class ScriptedServer implements AutoCloseable {
    private static final Path FILES = Path.of("src/main/resources/META-INF/resources");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8", "js", "text/javascript", "css", "text/css", "svg", "image/svg+xml");

    /// One answer.
    /// @param headers beside the type of the body
    /// @param breaks  whether the connection ends before the body does
    record Reply(int status, Map<String, String> headers, String body, boolean breaks) {
        static Reply json(int status, String body) {
            return new Reply(status, Map.of("Content-Type", "application/json"), body, false);
        }

        /// A refusal in OpenAI's shape.
        static Reply error(int status, String code, String message) {
            return json(status, "{\"error\":{\"message\":\"" + message + "\",\"code\":\"" + code + "\"}}");
        }

        static Reply events(String... data) {
            StringBuilder body = new StringBuilder();
            for (String each : data) {
                body.append("data: ").append(each).append("\n\n");
            }
            return new Reply(200, Map.of("Content-Type", "text/event-stream"), body.toString(), false);
        }

        Reply with(String name, String value) {
            return new Reply(status, Map.of("Content-Type", headers.get("Content-Type"), name, value), body, breaks);
        }

        Reply breakingOff() {
            return new Reply(status, headers, body, true);
        }
    }

    /// @param authorization the header, or an empty text
    record Request(String path, String authorization, String body) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private volatile Reply models = Reply.json(200, "{\"data\":[{\"id\":\"small\"}]}");
    private volatile Reply answer = Reply.events("[DONE]");
    private volatile Optional<String> key = Optional.empty();

    ScriptedServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    void models(Reply reply) {
        models = reply;
    }

    /// What completions and chats get.
    void answer(Reply reply) {
        answer = reply;
    }

    /// From now on only requests with this key are answered.
    void requireKey(String required) {
        key = Optional.of(required);
    }

    /// Requests under `/v1` in order.
    BlockingQueue<Request> requests() {
        return requests;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            if (path.startsWith("/v1/")) {
                send(exchange, api(exchange, path));
            } else {
                file(exchange, path.equals("/") ? "index.html" : path.substring(1));
            }
        }
    }

    private Reply api(HttpExchange exchange, String path) throws IOException {
        String authorization = Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization"))
                .orElse("");
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        requests.add(new Request(path, authorization, body));
        if (key.isPresent() && !authorization.equals("Bearer " + key.get())) {
            return Reply.error(401, "invalid_api_key", "Authorization: expected a known key, found another");
        }
        return path.equals("/v1/models") ? models : answer;
    }

    private static void send(HttpExchange exchange, Reply reply) throws IOException {
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        // more bytes promised than come: the connection is closed at the end of these
        exchange.sendResponseHeaders(reply.status(), body.length + (reply.breaks() ? 1 : 0));
        exchange.getResponseBody().write(body);
        exchange.getResponseBody().flush();
    }

    private static void file(HttpExchange exchange, String name) throws IOException {
        Path file = FILES.resolve(name).normalize();
        if (!file.startsWith(FILES) || !Files.isRegularFile(file)) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        byte[] body = Files.readAllBytes(file);
        exchange.getResponseHeaders().set("Content-Type", TYPES.get(name.substring(name.lastIndexOf('.') + 1)));
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
