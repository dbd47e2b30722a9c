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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Serves the page's files, and under `/v1` whatever a test says.
final class ScriptedServer implements AutoCloseable {
    private static final Path FILES = Path.of("src/main/resources/META-INF/resources");
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8", "js", "text/javascript", "css", "text/css", "svg", "image/svg+xml");

    /// One answer.
    /// @param headers beside the type of the body
    /// @param end     of the body
    record Reply(int status, Map<String, String> headers, String body, End end) {
        enum End {
            WHOLE,
            /// The connection ends before the body does.
            BROKEN,
            /// The body goes on with comments until the client leaves.
            NEVER
        }

        static Reply json(int status, String body) {
            return new Reply(status, Map.of("Content-Type", "application/json"), body, End.WHOLE);
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
            return new Reply(200, Map.of("Content-Type", "text/event-stream"), body.toString(), End.WHOLE);
        }

        Reply with(String name, String value) {
            return new Reply(status, Map.of("Content-Type", headers.get("Content-Type"), name, value), body, end);
        }

        Reply breakingOff() {
            return new Reply(status, headers, body, End.BROKEN);
        }

        Reply thatGoesOn() {
            return new Reply(status, headers, body, End.NEVER);
        }
    }

    /// @param authorization the header, or an empty text
    record Request(String path, String authorization, String body) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> left = new LinkedBlockingQueue<>();
    private final CountDownLatch closed = new CountDownLatch(1);
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

    /// Paths of answers that clients have left.
    BlockingQueue<String> left() {
        return left;
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

    private void send(HttpExchange exchange, Reply reply) throws IOException {
        byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
        reply.headers().forEach(exchange.getResponseHeaders()::set);
        long length = switch (reply.end()) {
            case WHOLE -> body.length;
            case BROKEN -> body.length + 1;
            case NEVER -> 0;
        };
        exchange.sendResponseHeaders(reply.status(), length);
        exchange.getResponseBody().write(body);
        exchange.getResponseBody().flush();
        if (reply.end() == Reply.End.NEVER) {
            goOn(exchange);
        }
    }

    private void goOn(HttpExchange exchange) {
        try {
            while (!closed.await(10, TimeUnit.MILLISECONDS)) {
                exchange.getResponseBody().write(":\n\n".getBytes(StandardCharsets.UTF_8));
                exchange.getResponseBody().flush();
            }
        } catch (IOException e) {
            left.add(exchange.getRequestURI().getPath());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
