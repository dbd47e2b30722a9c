package dev.loci.api.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

final class CompletionParserTest {
    private static final FakeModel FAKE = new FakeModel();

    @AfterAll
    static void close() {
        FAKE.close();
    }

    @Test
    void anAnswerHasAtMostTwoMillionLogProbabilities() {
        assertThat(parse(scoring(256, 390)).generations()).hasSize(256);
        assertThatThrownBy(() -> parse(scoring(256, 391)))
                .isInstanceOf(ApiException.class)
                .hasMessage("logprobs: expected at most 2097152 log-probabilities in an answer, "
                        + "found 2102016, 21 for each of 100096 tokens");
    }

    private static Order parse(ObjectNode body) {
        ServedModel small = FAKE.served();
        ServedModel model = new ServedModel(
                small.id(),
                small.created(),
                small.generator(),
                small.tokenizer(),
                small.chatTemplate(),
                1024,
                small.vocabSize(),
                small.fingerprint());
        return CompletionParser.parse(new RequestFields(body, ""), model);
    }

    /// Scores `prompts` prompts of `tokens` tokens.
    private static ObjectNode scoring(int prompts, int tokens) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        ArrayNode prompt = nodes.arrayNode().addAll(Collections.nCopies(tokens, nodes.numberNode(20)));
        ObjectNode body = nodes.objectNode()
                .put("model", "loci-mini")
                .put("echo", true)
                .put("logprobs", 20)
                .put("max_tokens", 0);
        body.putArray("prompt").addAll(Collections.nCopies(prompts, prompt));
        return body;
    }
}
