package dev.loci.api.openai;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.loci.engine.GenerationEvent;
import dev.loci.engine.GenerationEvent.Reason;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.Sampling;
import dev.loci.engine.TokenScore;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Several generations of a prompt, and what arrives at the engine.
@QuarkusTest
@TestProfile(FakeModel.Profile.class)
final class ManyChoicesTest {
    private static final String NO_DETAILS = "\"completion_tokens_details\":{\"reasoning_tokens\":0,"
            + "\"audio_tokens\":0,\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Inject
    FakeModel model;

    private final List<GenerationRequest> requests = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    void reset() {
        model.generator().playAnswer();
    }

    /// The i-th request of all answers with its number, and a token of this log-probability for each of its numbers.
    private void playNumbered(double[]... logprobs) {
        model.generator().play((request, sink) -> {
            int number = requests.size();
            requests.add(request);
            double[] own = number < logprobs.length ? logprobs[number] : new double[] {0};
            for (double logprob : own) {
                Optional<TokenScore> score = request.topLogprobs().isPresent()
                        ? Optional.of(new TokenScore(20, OptionalDouble.of(logprob), List.of()))
                        : Optional.empty();
                sink.accept(new GenerationEvent.Token(20, Integer.toString(number), score));
            }
            int cached = number == 0 ? 2 : 5;
            sink.accept(new GenerationEvent.Finished(
                    Reason.LENGTH, "", request.prompt().length, cached, own.length, Optional.empty()));
            return () -> {};
        });
    }

    private static Response post(String path, String body) {
        return given().contentType("application/json")
                .body("{\"model\":\"loci-mini\"," + body + "}")
                .post(path);
    }

    private static JsonNode complete(String body) {
        return tree(post("/v1/completions", body));
    }

    private static JsonNode tree(Response response) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        try {
            return MAPPER.readTree(response.asString());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> texts(JsonNode answer) {
        List<String> texts = new ArrayList<>();
        for (JsonNode choice : answer.get("choices")) {
            assertThat(choice.get("index").intValue()).isEqualTo(texts.size());
            assertThat(choice.get("logprobs").isNull()).isTrue();
            texts.add(choice.get("text").textValue());
        }
        return texts;
    }

    @Test
    void eachPromptIsContinuedNTimes() {
        playNumbered();
        JsonNode answer = complete("\"prompt\":[[5,6,7],[8,9]],\"n\":3");
        assertThat(texts(answer)).containsExactly("0", "1", "2", "3", "4", "5");
        assertThat(answer.get("usage").toString())
                .isEqualTo("{\"prompt_tokens\":5,\"completion_tokens\":6,\"total_tokens\":11,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":7}," + NO_DETAILS + "}");
        assertThat(requests.get(0).prompt())
                .isSameAs(requests.get(1).prompt())
                .isSameAs(requests.get(2).prompt())
                .isNotSameAs(requests.get(3).prompt());
        assertThat(requests)
                .allSatisfy(request -> assertThat(request.topLogprobs()).isEmpty());
    }

    @Test
    void chatsAreContinuedNTimesToo() {
        playNumbered();
        JsonNode answer =
                tree(post("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"n\":2"));
        assertThat(answer.get("choices").toString())
                .isEqualTo("[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"0\"},\"logprobs\":null,"
                        + "\"finish_reason\":\"length\"},{\"index\":1,\"message\":{\"role\":\"assistant\","
                        + "\"content\":\"1\"},\"logprobs\":null,\"finish_reason\":\"length\"}]");
    }

    @Test
    void aStreamHasAllChoices() {
        playNumbered();
        String stream = post("/v1/completions", "\"prompt\":[5],\"n\":2,\"stream\":true")
                .asString();
        assertThat(stream)
                .contains("{\"index\":0,\"text\":\"0\",", "{\"index\":1,\"text\":\"1\",")
                .endsWith("data: [DONE]\n\n");
    }

    @Test
    void theFirstChoiceHasTheRequestsSeedAndNoSeedDependsOnN() {
        playNumbered();
        complete("\"prompt\":\"a\",\"seed\":42,\"n\":4");
        List<Long> four = seeds();
        assertThat(four.get(0)).isEqualTo(42);
        assertThat(four).doesNotHaveDuplicates();
        requests.clear();
        complete("\"prompt\":[\"a\",\"b\"],\"seed\":42,\"n\":2");
        assertThat(seeds()).containsExactly(four.get(0), four.get(1), four.get(0), four.get(1));
        requests.clear();
        complete("\"prompt\":\"a\",\"seed\":42");
        assertThat(seeds()).containsExactly(42L);
    }

    private List<Long> seeds() {
        return requests.stream().map(request -> request.sampling().seed()).toList();
    }

    @Test
    void theBestAreThoseOfTheHighestMeanLogprob() {
        playNumbered(new double[] {-1, -2}, new double[] {-3}, new double[] {-1, -1, -1, -1}, new double[] {-1.5});
        JsonNode answer = complete("\"prompt\":[5,6,7],\"n\":3,\"best_of\":4");
        // means: -1.5, -3, -1, -1.5; of equals, the earlier one
        assertThat(texts(answer)).containsExactly("2222", "00", "3");
        assertThat(answer.get("usage").toString())
                .isEqualTo("{\"prompt_tokens\":3,\"completion_tokens\":8,\"total_tokens\":11,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":2}," + NO_DETAILS + "}");
        assertThat(requests)
                .allSatisfy(request -> assertThat(request.topLogprobs()).isEqualTo(OptionalInt.of(0)));
    }

    @Test
    void eachPromptHasItsOwnBest() {
        playNumbered(new double[] {-2}, new double[] {-1}, new double[] {-3}, new double[] {-4});
        assertThat(texts(complete("\"prompt\":[\"a\",\"b\"],\"best_of\":2"))).containsExactly("1", "2");
    }

    @Test
    void logprobsThatWereAskedForAreShownOfTheBest() {
        playNumbered(new double[] {-2}, new double[] {-1});
        JsonNode answer = complete("\"prompt\":\"a\",\"best_of\":2,\"logprobs\":1,\"echo\":true");
        JsonNode choice = answer.at("/choices/0");
        assertThat(choice.get("text").textValue()).isEqualTo("a1");
        assertThat(choice.at("/logprobs/token_logprobs").toString()).isEqualTo("[-1.0]");
        assertThat(requests)
                .allSatisfy(request -> assertThat(request.topLogprobs()).isEqualTo(OptionalInt.of(1)));
    }

    @Test
    void everyParameterArrives() {
        playNumbered();
        String parameters = "\"temperature\":0.5,\"top_p\":0.25,\"top_k\":7,\"min_p\":0.125,\"repetition_penalty\":1.5,"
                + "\"presence_penalty\":-2,\"frequency_penalty\":2,\"logit_bias\":{\"0\":-100,\"16383\":2.5},"
                + "\"seed\":9,\"min_tokens\":3,\"max_tokens\":4,\"ignore_eos\":true,\"priority\":-5";
        complete("\"prompt\":\"a\"," + parameters);
        assertThat(post("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]," + parameters)
                        .statusCode())
                .isEqualTo(200);
        assertThat(requests).hasSize(2).allSatisfy(request -> {
            assertThat(request.sampling())
                    .isEqualTo(new Sampling(0.5, 0.25, 7, 0.125, 1.5, -2, 2, Map.of(0, -100.0, 16383, 2.5), 9));
            assertThat(request.minTokens()).isEqualTo(3);
            assertThat(request.maxTokens()).isEqualTo(4);
            assertThat(request.ignoreEos()).isTrue();
            assertThat(request.client().priority()).isEqualTo(-5);
            assertThat(request.client().timeout()).isEmpty();
        });
    }

    @Test
    void theClientIsItsTokenOrItsAddress() {
        playNumbered();
        for (String authorization :
                new String[] {"Bearer one", "bearer  one ", "Bearer 127.0.0.1", "Basic x", "Bearer "}) {
            given().contentType("application/json")
                    .header("Authorization", authorization)
                    .body("{\"model\":\"loci-mini\",\"prompt\":\"a\"}")
                    .post("/v1/completions");
        }
        complete("\"prompt\":\"a\"");
        assertThat(requests.stream().map(request -> request.client().key()))
                .containsExactly(
                        "token one",
                        "token one",
                        "token 127.0.0.1",
                        "address 127.0.0.1",
                        "address 127.0.0.1",
                        "address 127.0.0.1");
    }

    @Test
    void biasesAreBounded() {
        StringBuilder biases = new StringBuilder("\"0\":1");
        for (int id = 1; id < 1025; id++) {
            biases.append(",\"").append(id).append("\":1");
        }
        Response response = post("/v1/completions", "\"prompt\":\"a\",\"logit_bias\":{" + biases + "}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.asString())
                .isEqualTo("{\"error\":{\"message\":\"logit_bias: expected an object of up to 1024 ids with numbers in"
                        + " -100..100, found 1025\",\"type\":\"invalid_request_error\",\"param\":\"logit_bias\","
                        + "\"code\":\"invalid_value\"}}");
    }
}
