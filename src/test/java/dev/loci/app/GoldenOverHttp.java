package dev.loci.app;

import static dev.loci.app.Posts.post;
import static dev.loci.app.Posts.tree;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loci.engine.Golden;
import io.restassured.response.Response;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// A prompt scored over HTTP has the log-probabilities that the expected logits give.
abstract class GoldenOverHttp {
    private static final double TOLERANCE = 1e-3;
    /// Logits beyond belong to padding of the embedding.
    private static final int VOCABULARY = 500;

    private final Golden golden;

    GoldenOverHttp(String name) {
        golden = Golden.load(name);
    }

    @Test
    void scoresOfAPromptAreTheLogSoftmaxOfTheExpectedLogits() {
        for (int s = 0; s < golden.ids().length; s++) {
            int[] ids = golden.ids()[s];
            Response response = post(
                    "/v1/completions",
                    "{\"prompt\":" + Arrays.toString(ids) + ",\"echo\":true,\"logprobs\":1,\"max_tokens\":0}");
            assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
            JsonNode scores = tree(response).at("/choices/0/logprobs");
            assertThat(scores.get("token_logprobs")).hasSize(ids.length);
            assertThat(scores.at("/token_logprobs/0").isNull()).isTrue();
            for (int i = 1; i < ids.length; i++) {
                double[] expected = logSoftmax(golden.logits()[s][i - 1]);
                assertThat(scores.get("token_logprobs").get(i).doubleValue())
                        .as("sequence %d, token %d", s, i)
                        .isCloseTo(expected[ids[i]], within(TOLERANCE));
                assertThat(scores.get("top_logprobs").get(i).elements().next().doubleValue())
                        .as("best of sequence %d, token %d", s, i)
                        .isCloseTo(Arrays.stream(expected).max().orElseThrow(), within(TOLERANCE));
            }
        }
    }

    private static double[] logSoftmax(float[] logits) {
        double sum = 0;
        for (int c = 0; c < VOCABULARY; c++) {
            sum += Math.exp(logits[c]);
        }
        double[] scores = new double[VOCABULARY];
        for (int c = 0; c < VOCABULARY; c++) {
            scores[c] = logits[c] - Math.log(sum);
        }
        return scores;
    }
}
