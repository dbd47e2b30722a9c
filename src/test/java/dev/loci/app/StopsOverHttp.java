package dev.loci.app;

import static dev.loci.app.Posts.post;
import static dev.loci.app.Posts.tree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.restassured.response.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The default model, drawing almost anything: a stream is the answer, and nothing of a stop is seen, wherever it lies
/// between tokens.
abstract class StopsOverHttp {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final int TRIES = 30;

    private static ObjectNode request(long seed) {
        return MAPPER.createObjectNode()
                .put("prompt", "Once")
                .put("temperature", 2)
                .put("max_tokens", 24)
                .put("ignore_eos", true)
                .put("seed", seed);
    }

    private static JsonNode answer(ObjectNode request) {
        Response response = post("/v1/completions", request.toString());
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        return tree(response).at("/choices/0");
    }

    private static String streamed(ObjectNode request) throws IOException {
        Response response =
                post("/v1/completions", request.deepCopy().put("stream", true).toString());
        StringBuilder text = new StringBuilder();
        for (String line : new String(response.asByteArray(), StandardCharsets.UTF_8).split("\n", -1)) {
            if (line.startsWith("data: {")) {
                text.append(MAPPER.readTree(line.substring("data: ".length()))
                        .at("/choices/0/text")
                        .textValue());
            }
        }
        return text.toString();
    }

    @Test
    void aStopAnywhereInTheTextEndsIt() throws IOException {
        long start = Long.getLong("test.seed", System.nanoTime());
        Random random = new Random(start);
        for (int i = 0; i < TRIES; i++) {
            ObjectNode request = request(random.nextLong());
            String text = answer(request).get("text").textValue();
            String seed = "-Dtest.seed=" + start + ": " + request;
            assertThat(streamed(request)).as(seed).isEqualTo(text);
            String stop = part(text, random);
            if (!stop.isEmpty()) {
                request.putArray("stop").add(stop).add("never in any text");
                JsonNode stopped = answer(request);
                String expected = text.substring(0, text.indexOf(stop));
                assertThat(stopped.get("text").textValue()).as(seed).isEqualTo(expected);
                assertThat(stopped.get("finish_reason").textValue()).as(seed).isEqualTo("stop");
                assertThat(streamed(request)).as(seed).isEqualTo(expected);
            }
        }
    }

    /// Whole characters from anywhere in the text; none where it has replaced ones, which are no text that a stop can
    /// name.
    private static String part(String text, Random random) {
        int points = text.codePointCount(0, text.length());
        if (points < 4) {
            return "";
        }
        int from = text.offsetByCodePoints(0, random.nextInt(points - 3));
        int to = text.offsetByCodePoints(from, 1 + random.nextInt(3));
        String part = text.substring(from, to);
        return part.indexOf('\uFFFD') >= 0 ? "" : part;
    }
}
