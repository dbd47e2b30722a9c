package dev.loci.page;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A browser's window, driven by the protocol of W3C WebDriver.
final class Session implements AutoCloseable {
    private static final String ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> ARGUMENTS = List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private final HttpClient http = HttpClient.newHttpClient();
    private final String driver;
    private final String root;

    Session(Chromium chromium) {
        driver = "http://127.0.0.1:" + chromium.driverPort();
        ObjectNode match = JSON.objectNode();
        match.putObject("goog:loggingPrefs").put("browser", "ALL");
        match.putObject("timeouts").put("script", 30_000);
        ObjectNode options = match.putObject("goog:chromeOptions")
                .put("binary", chromium.binary().toString());
        ARGUMENTS.forEach(options.withArray("args")::add);
        options.withArray("args").add("--user-data-dir=" + chromium.profile());
        ObjectNode body = JSON.objectNode();
        body.putObject("capabilities").set("alwaysMatch", match);
        root = "/session/" + call("POST", "/session", body).get("sessionId").textValue();
    }

    private JsonNode call(String method, String path, JsonNode body) {
        HttpRequest.BodyPublisher content = body.isMissingNode()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body.toString());
        HttpRequest request = HttpRequest.newBuilder(URI.create(driver + path))
                .header("Content-Type", "application/json")
                .method(method, content)
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            JsonNode value = MAPPER.readTree(response.body()).path("value");
            if (response.statusCode() != 200) {
                throw new AssertionError(
                        method + " " + path + ": " + value.path("message").asText());
            }
            return value;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private JsonNode post(String path, ObjectNode body) {
        return call("POST", root + path, body);
    }

    void open(String url) {
        post("/url", JSON.objectNode().put("url", url));
    }

    /// What a script returns: the body of a function.
    JsonNode script(String body) {
        ObjectNode call = JSON.objectNode().put("script", body);
        call.putArray("args");
        return post("/execute/sync", call);
    }

    /// The value of an expression.
    JsonNode value(String expression) {
        return script("return " + expression);
    }

    /// Waits until an expression is true; looks whenever the page changes, and every now and then.
    void await(String expression) {
        ObjectNode call = JSON.objectNode()
                .put(
                        "script",
                        "const done = arguments[0]; const end = performance.now() + 20000;"
                                + "const look = () => { if (" + expression + ") { done(true); }"
                                + " else if (performance.now() > end) { done(false); }"
                                + " else { setTimeout(look, 10); } }; look();");
        call.putArray("args");
        if (!post("/execute/async", call).asBoolean()) {
            throw new AssertionError(
                    "the page: expected " + expression + " within 20 s, found " + value("document.body.innerText"));
        }
    }

    /// The value of a script in the tests' resources.
    JsonNode resource(String name) {
        try (InputStream in = Session.class.getResourceAsStream("/page/" + name)) {
            return script(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    private String find(String selector) {
        return post("/element", JSON.objectNode().put("using", "css selector").put("value", selector))
                .get(ELEMENT)
                .textValue();
    }

    void click(String selector) {
        post("/element/" + find(selector) + "/click", JSON.objectNode());
    }

    /// Replaces what a field holds.
    void fill(String selector, String text) {
        String field = "/element/" + find(selector);
        post(field + "/clear", JSON.objectNode());
        post(field + "/value", JSON.objectNode().put("text", text));
    }

    /// Presses keys one after the other, wherever the focus is.
    void press(Key... keys) {
        StringBuilder text = new StringBuilder();
        for (Key key : keys) {
            text.append(key.code());
        }
        type(text.toString());
    }

    void type(String text) {
        ObjectNode source = JSON.objectNode().put("type", "key").put("id", "keyboard");
        text.codePoints().mapToObj(Character::toString).forEach(key -> {
            source.withArray("actions").addObject().put("type", "keyDown").put("value", key);
            source.withArray("actions").addObject().put("type", "keyUp").put("value", key);
        });
        act(source);
    }

    /// The accessible names of the visible elements of a selector, by what an element is.
    Map<String, String> names(String selector) {
        Map<String, String> names = new LinkedHashMap<>();
        ObjectNode query = JSON.objectNode().put("using", "css selector").put("value", selector);
        for (JsonNode each : post("/elements", query)) {
            String element = "/element/" + each.get(ELEMENT).textValue();
            JsonNode shown = call("GET", root + element + "/displayed", JSON.missingNode());
            if (shown.booleanValue()) {
                String html = call("GET", root + element + "/property/outerHTML", JSON.missingNode())
                        .textValue();
                names.put(
                        names.size() + " " + html.substring(0, Math.min(80, html.length())),
                        call("GET", root + element + "/computedlabel", JSON.missingNode())
                                .textValue());
            }
        }
        return names;
    }

    /// Moves the pointer to the middle of an element.
    void hover(String selector) {
        ObjectNode source = JSON.objectNode().put("type", "pointer").put("id", "mouse");
        ObjectNode move = source.withArray("actions")
                .addObject()
                .put("type", "pointerMove")
                .put("duration", 0)
                .put("x", 0)
                .put("y", 0);
        move.putObject("origin").put(ELEMENT, find(selector));
        act(source);
    }

    private void act(ObjectNode source) {
        ObjectNode actions = JSON.objectNode();
        actions.putArray("actions").add(source);
        post("/actions", actions);
    }

    void size(int width, int height) {
        ObjectNode metrics = JSON.objectNode()
                .put("width", width)
                .put("height", height)
                .put("deviceScaleFactor", 1)
                .put("mobile", false);
        devTools("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// What the system's colour scheme is.
    void scheme(String name) {
        ObjectNode media = JSON.objectNode();
        media.putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", name);
        devTools("Emulation.setEmulatedMedia", media);
    }

    private void devTools(String command, ObjectNode parameters) {
        ObjectNode call = JSON.objectNode().put("cmd", command);
        call.set("params", parameters);
        post("/goog/cdp/execute", call);
    }

    /// What the page has complained of since the last call: errors of scripts, refused contents, failed requests.
    List<String> complaints() {
        List<String> messages = new ArrayList<>();
        for (JsonNode entry : post("/se/log", JSON.objectNode().put("type", "browser"))) {
            messages.add(entry.get("message").textValue());
        }
        return messages;
    }

    /// Writes a picture of the window for people to look at, where `-Dtest.shots` names a folder.
    void picture(String name) {
        String folder = System.getProperty("test.shots", "");
        if (folder.isEmpty()) {
            return;
        }
        String png = call("GET", root + "/screenshot", JSON.missingNode()).textValue();
        try {
            Files.createDirectories(Path.of(folder));
            Files.write(Path.of(folder, name + ".png"), Base64.getDecoder().decode(png));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        call("DELETE", root, JSON.missingNode());
        http.close();
    }
}
