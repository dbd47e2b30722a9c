package dev.loci.api.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Whatever JSON comes, it is an order or a refusal with a 4xx status.
final class RandomRequestTest {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final FakeModel MODEL = new FakeModel();
    private static final List<String> NAMES = List.of(
            "model",
            "prompt",
            "messages",
            "max_tokens",
            "max_completion_tokens",
            "temperature",
            "top_p",
            "top_k",
            "min_p",
            "seed",
            "stop",
            "stop_token_ids",
            "ignore_eos",
            "memory_trace",
            "stream",
            "stream_options",
            "include_usage",
            "echo",
            "logprobs",
            "top_logprobs",
            "add_special_tokens",
            "user",
            "n",
            "best_of",
            "logit_bias",
            "min_tokens",
            "priority",
            "presence_penalty",
            "frequency_penalty",
            "repetition_penalty",
            "7",
            "suffix",
            "tools",
            "response_format",
            "metadata",
            "role",
            "content",
            "type",
            "text",
            "x");

    @Provide
    Arbitrary<JsonNode> values() {
        Arbitrary<JsonNode> leaves = Arbitraries.oneOf(
                Arbitraries.integers().map(JSON::numberNode),
                Arbitraries.integers().between(-1, 20).map(JSON::numberNode),
                Arbitraries.bigIntegers().map(JSON::numberNode),
                Arbitraries.doubles().map(JSON::numberNode),
                Arbitraries.of(true, false).map(JSON::booleanNode),
                Arbitraries.strings().ofMaxLength(5).map(JSON::textNode),
                Arbitraries.of("text", "user", "loci-mini", "<|user|>", "\uD800")
                        .map(JSON::textNode),
                Arbitraries.just(JSON.nullNode()));
        return Arbitraries.lazyOf(() -> leaves, () -> leaves, () -> leaves, this::arrays, this::objects);
    }

    private Arbitrary<JsonNode> arrays() {
        return values().list().ofMaxSize(3).map(items -> JSON.arrayNode().addAll(items));
    }

    private Arbitrary<JsonNode> objects() {
        return Arbitraries.maps(Arbitraries.of(NAMES), values()).ofMaxSize(3).map(RandomRequestTest::object);
    }

    private static ObjectNode object(Map<String, JsonNode> fields) {
        ObjectNode object = JSON.objectNode();
        object.setAll(fields);
        return object;
    }

    @Provide
    Arbitrary<ObjectNode> bodies() {
        return Arbitraries.maps(Arbitraries.of(NAMES), values()).ofMaxSize(3).map(RandomRequestTest::object);
    }

    @Property(tries = 2000)
    void anyCompletionIsAnOrderOrARefusal(@ForAll("bodies") ObjectNode body) {
        ObjectNode valid = JSON.objectNode().put("model", "loci-mini").put("prompt", "a");
        check(valid.setAll(body), CompletionParser::parse);
    }

    @Property(tries = 2000)
    void anyChatIsAnOrderOrARefusal(@ForAll("bodies") ObjectNode body) {
        ObjectNode valid = JSON.objectNode().put("model", "loci-mini");
        valid.putArray("messages").addObject().put("role", "user").put("content", "a");
        check(valid.setAll(body), ChatParser::parse);
    }

    private interface Parser {
        Order parse(RequestFields fields, ServedModel model);
    }

    private static void check(JsonNode body, Parser parser) {
        try {
            Order order = parser.parse(new RequestFields((ObjectNode) body, ""), MODEL.served());
            assertThat(order.generations()).isNotEmpty();
        } catch (ApiException e) {
            assertThat(e.status()).as(e.getMessage()).isBetween(400, 499);
        }
    }
}
