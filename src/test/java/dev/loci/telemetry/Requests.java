package dev.loci.telemetry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/// Requests to the server under test.
record Requests(URI server) {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    HttpResponse<String> post(String path, String body, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return send(request.build());
    }

    HttpResponse<String> get(String path) {
        return get(path, Map.of());
    }

    HttpResponse<String> get(String path, Map<String, String> headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(path));
        headers.forEach(request::header);
        return send(request.build());
    }

    /// Asks until the answer is as it should be, or for so long that it never will be; gives the last one.
    static <T> T until(Supplier<T> question, Predicate<T> fits) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        T answer = question.get();
        while (!fits.test(answer) && System.nanoTime() < end) {
            answer = question.get();
        }
        return answer;
    }

    private static HttpResponse<String> send(HttpRequest request) {
        try {
            return CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(request.uri().toString(), e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    static JsonNode tree(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    /// The `usage` of a stream's last chunk.
    static JsonNode streamedUsage(String events) {
        String last = events.lines()
                .filter(line -> line.startsWith("data: {"))
                .reduce("", (_, next) -> next.substring("data: ".length()));
        return tree(last).get("usage");
    }

    /// Sends a request, whose answer nobody reads yet.
    Socket open(String path, String body, Map<String, String> headers) throws IOException {
        Socket socket = new Socket(server.getHost(), server.getPort());
        StringBuilder head = new StringBuilder("POST ").append(path).append(" HTTP/1.1\r\nHost: test\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("Content-Type: application/json\r\nContent-Length: ")
                .append(body.length())
                .append("\r\n\r\n")
                .append(body);
        socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    /// Reads a stream up to its first text, then goes away.
    void abandon(String path, String body, String traceparent) throws IOException {
        try (Socket socket = open(path, body, Map.of("traceparent", traceparent))) {
            StringBuilder read = new StringBuilder();
            InputStream in = socket.getInputStream();
            while (read.indexOf("\"text\":\"") < 0) {
                int c = in.read();
                if (c < 0) {
                    throw new AssertionError("the stream ended: " + read);
                }
                read.append((char) c);
            }
        }
    }
}
