package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loci.engine.GenerationEvent;
import dev.loci.tokenizer.StreamingDecoder;
import dev.loci.tokenizer.Tokenizer;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever the text, a stream's pieces are the text: no character is cut, none is replaced.
@QuarkusTest
@TestProfile(FakeModel.Profile.class)
final class UnicodeStreamsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final char REPLACEMENT = '\uFFFD';

    @Inject
    FakeModel model;

    @AfterEach
    void reset() {
        model.generator().playAnswer();
    }

    private void play(int[] ids) {
        Tokenizer tokenizer = model.served().tokenizer();
        model.generator().play((request, sink) -> {
            StreamingDecoder decoder = tokenizer.streamingDecoder();
            for (int id : ids) {
                sink.accept(new GenerationEvent.Token(id, decoder.push(id), Optional.empty()));
            }
            sink.accept(new GenerationEvent.Finished(
                    GenerationEvent.Reason.STOP, decoder.finish(), 1, ids.length, Optional.empty()));
            return () -> {};
        });
    }

    private static Response post(String path, boolean stream) {
        String input = switch (path) {
            case "/v1/completions" -> "\"prompt\":\"a\"";
            case "/v1/responses" -> "\"input\":\"a\"";
            default -> "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]";
        };
        Response response = given().contentType("application/json")
                .body("{" + input + ",\"stream\":" + stream + "}")
                .post(path);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        return response;
    }

    private static JsonNode tree(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    private static String utf8(Response response) {
        return new String(response.asByteArray(), StandardCharsets.UTF_8);
    }

    private static String whole(String path) {
        JsonNode answer = tree(utf8(post(path, false)));
        return switch (path) {
            case "/v1/completions" -> answer.at("/choices/0/text").textValue();
            case "/v1/responses" -> answer.at("/output/0/content/0/text").textValue();
            default -> answer.at("/choices/0/message/content").textValue();
        };
    }

    private static List<String> deltas(String path) {
        List<String> deltas = new ArrayList<>();
        for (String line : utf8(post(path, true)).split("\n", -1)) {
            if (line.startsWith("data: {")) {
                JsonNode chunk = tree(line.substring("data: ".length()));
                deltas.add(
                        switch (path) {
                            case "/v1/completions" ->
                                chunk.at("/choices/0/text").asText("");
                            case "/v1/responses" -> chunk.path("delta").asText("");
                            default -> chunk.at("/choices/0/delta/content").asText("");
                        });
            }
        }
        return deltas;
    }

    private void requireSame(int[] ids, String text) {
        play(ids);
        for (String path : List.of("/v1/completions", "/v1/chat/completions", "/v1/responses")) {
            assertThat(whole(path)).as(path).isEqualTo(text);
            List<String> deltas = deltas(path);
            assertThat(String.join("", deltas)).as(path).isEqualTo(text);
            assertThat(deltas).as(path).allMatch(UnicodeStreamsTest::isWellFormed);
        }
    }

    private static boolean isWellFormed(String text) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u4F60\u597D\uFF0C\u4E16\u754C\u3002\u6C49\u5B57\u6F22\u5B57",
                "\u65E5\u672C\u8A9E\u306E\u6587\u7AE0\u3068\u30AB\u30BF\u30AB\u30CA",
                "\uD55C\uAD6D\uC5B4 \uBB38\uC7A5 \u1112\u1161\u11AB",
                "\u0627\u0644\u0639\u0631\u0628\u064A\u0629 \u0645\u064E\u0631\u0652\u062D\u064E\u0628\u064B\u0627 \u200F",
                "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67\u200D\uD83D\uDC66 \uD83D\uDC69\uD83C\uDFFD\u200D\uD83D\uDCBB"
                        + " \uD83C\uDDE9\uD83C\uDDEA \u2764\uFE0F",
                "e\u0301 n\u0303 \u0928\u093F \uD835\uDD4F \uDBFF\uDFFD",
                "\u0001\u001F\"\\/\b\f\n\r\t\u2028\u2029\u007F\u0085 data: [DONE]\n\n",
                "a\uFFFDb \uFFFD",
                ""
            })
    void deltasAreTheText(String text) {
        requireSame(model.served().tokenizer().encodePlain(text), text);
    }

    @Test
    void randomTextsComeWhole() {
        long seed = Long.getLong("test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            StringBuilder text = new StringBuilder();
            for (int c = random.nextInt(40); c >= 0; c--) {
                text.appendCodePoint(codePoint(random));
            }
            assertThat(text.indexOf(String.valueOf(REPLACEMENT))).isNegative();
            try {
                requireSame(model.served().tokenizer().encodePlain(text.toString()), text.toString());
            } catch (AssertionError e) {
                throw new AssertionError("-Dtest.seed=" + seed, e);
            }
        }
    }

    private static int codePoint(Random random) {
        int point = random.nextInt(Character.MAX_CODE_POINT + 1) >> (random.nextInt(3) * 5);
        boolean fit = Character.isDefined(point) && !(point >= 0xD800 && point < 0xE000) && point != REPLACEMENT;
        return fit ? point : 'a';
    }

    /// Ids in any order are bytes that may be no text at all.
    @Test
    void randomIdsStreamAsTheyAnswer() {
        long seed = Long.getLong("test.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < 60; i++) {
            play(random.ints(1 + random.nextInt(30), 0, FakeModel.VOCAB_SIZE).toArray());
            for (String path : List.of("/v1/completions", "/v1/chat/completions", "/v1/responses")) {
                List<String> deltas = deltas(path);
                assertThat(String.join("", deltas)).as("-Dtest.seed=" + seed).isEqualTo(whole(path));
                assertThat(deltas).as("-Dtest.seed=" + seed).allMatch(UnicodeStreamsTest::isWellFormed);
            }
        }
    }
}
