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
    private static final String TOO_MANY =
            "logprobs: expected at most 2097152 log-probabilities in an answer, as max_tokens says, found ";

    @AfterAll
    static void close() {
        FAKE.close();
    }

    @Test
    void anAnswerHasAtMostTwoMillionLogProbabilities() {
        assertThat(parse(scoring(256, 390)).generations()).hasSize(256);
        assertThatThrownBy(() -> parse(scoring(256, 391)))
                .isInstanceOf(ApiException.class)
                .hasMessage(TOO_MANY + "2102016");
    }

    @Test
    void soHasAnAnswerOfAChat() {
        assertThat(ChatParser.parse(new RequestFields(chat(99_864), ""), large())
                        .generations())
                .hasSize(1);
        assertThatThrownBy(() -> ChatParser.parse(new RequestFields(chat(99_865), ""), large()))
                .isInstanceOf(ApiException.class)
                .hasMessage(TOO_MANY + "2097165");
    }

    @Test
    void aChatThatDoesNotSayHowMuchItWantsGetsAsMuchAsMayHaveThem() {
        ObjectNode body = chat(1);
        body.remove("max_tokens");
        assertThat(ChatParser.parse(new RequestFields(body, ""), large())
                        .generations()
                        .getFirst()
                        .maxTokens())
                .isEqualTo(99_864);
    }

    private static ObjectNode chat(int maxTokens) {
        ObjectNode body = JsonNodeFactory.instance
                .objectNode()
                .put("logprobs", true)
                .put("top_logprobs", 20)
                .put("max_tokens", maxTokens);
        body.putArray("messages").addObject().put("role", "user").put("content", "Hi");
        return body;
    }

    private static Order parse(ObjectNode body) {
        return CompletionParser.parse(new RequestFields(body, ""), large());
    }

    private static ServedModel large() {
        ServedModel small = FAKE.served();
        return new ServedModel(
                small.id(),
                small.created(),
                small.generator(),
                small.tokenizer(),
                small.chatTemplate(),
                1 << 20,
                small.vocabSize(),
                small.fingerprint());
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
