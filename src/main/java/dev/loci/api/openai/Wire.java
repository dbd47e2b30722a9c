package dev.loci.api.openai;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// What goes over the wire, as OpenAI's clients read it. An empty Optional is a JSON null unless it is left out.
final class Wire {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().addModule(new Jdk8Module()).build();

    private static final ObjectMapper SNAKE_CASE =
            MAPPER.copy().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

    private Wire() {}

    static byte[] json(Object value) {
        return json(MAPPER, value);
    }

    /// A record of another package, its names in snake case.
    static byte[] snakeCaseJson(Object value) {
        return json(SNAKE_CASE, value);
    }

    private static byte[] json(ObjectMapper mapper, Object value) {
        try {
            return mapper.writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a wire record cannot be written: " + e.getOriginalMessage(), e);
        }
    }

    static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    static JsonNode emptyObject() {
        return MAPPER.createObjectNode();
    }

    @RegisterForReflection
    record ErrorBody(ErrorDetail error) {}

    @RegisterForReflection
    record ErrorDetail(String message, String type, Optional<String> param, String code) {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record ModelCard(
            String id,
            String object,
            long created,
            String ownedBy,
            int maxModelLen,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<MemoryCard> memory) {}

    /// @param rows of each layer's table
    /// @param hits of a token in each layer
    @RegisterForReflection
    record MemoryCard(int layers, long rows, int hits) {}

    @RegisterForReflection
    record ModelList(String object, List<ModelCard> data) {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record Usage(
            int promptTokens,
            int completionTokens,
            int totalTokens,
            PromptDetails promptTokensDetails,
            CompletionDetails completionTokensDetails) {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record PromptDetails(int cachedTokens) {}

    /// What clients look for; there is nothing of it here.
    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record CompletionDetails(
            int reasoningTokens, int audioTokens, int acceptedPredictionTokens, int rejectedPredictionTokens) {
        static final CompletionDetails NONE = new CompletionDetails(0, 0, 0, 0);
    }

    /// A whole answer or one chunk of it, of either endpoint.
    /// @param usage left out where empty; a chunk may state a null
    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record Answer<C>(
            String id,
            String object,
            long created,
            String model,
            String systemFingerprint,
            List<C> choices,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<JsonNode> usage) {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record CompletionChoice(
            int index,
            String text,
            Optional<CompletionLogprobs> logprobs,
            Optional<String> finishReason,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<MemoryTrace> memoryTrace) {}

    /// Columns of equal length, one entry a token.
    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record CompletionLogprobs(
            List<String> tokens,
            List<OptionalDouble> tokenLogprobs,
            List<Optional<Map<String, Double>>> topLogprobs,
            List<Integer> textOffset) {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record ChatChoice(
            int index,
            ChatText message,
            Optional<ChatLogprobs> logprobs,
            Optional<String> finishReason,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<MemoryTrace> memoryTrace) {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record ChatChunkChoice(
            int index,
            ChatDelta delta,
            Optional<ChatLogprobs> logprobs,
            Optional<String> finishReason,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<MemoryTrace> memoryTrace) {}

    @RegisterForReflection
    record ChatText(String role, String content) {}

    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    record ChatDelta(Optional<String> role, Optional<String> content) {}

    @RegisterForReflection
    record ChatLogprobs(List<ChatTokenLogprob> content) {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record ChatTokenLogprob(String token, double logprob, List<Integer> bytes, List<ChatCandidate> topLogprobs) {}

    @RegisterForReflection
    record ChatCandidate(String token, double logprob, List<Integer> bytes) {}

    /// What the memory layers hit: a chunk has its token's, the last one the sum, a whole answer all.
    @RegisterForReflection
    record MemoryTrace(
            List<TokenTrace> tokens,
            @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<List<LayerSum>> layers) {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record TokenTrace(int tokenId, List<LayerTrace> layers) {}

    /// Columns of equal length, one entry a row of the layer's table, the one that counted most first.
    /// @param hits    of the token in this layer, those that are not listed and those of one row counted too
    /// @param earlier how many earlier tokens of the answer have the row in their list
    @RegisterForReflection
    record LayerTrace(int hits, List<Integer> rows, List<Float> weights, List<Integer> earlier) {}

    /// @param rows       distinct rows in the lists of all tokens
    /// @param sharedRows of those, rows in the lists of several tokens
    /// @param shared     the ones of most tokens first
    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record LayerSum(int rows, int sharedRows, List<SharedRow> shared) {}

    @RegisterForReflection
    record SharedRow(int row, int tokens) {}
    /// @param tokenStrs the tokens' texts where they were asked for
    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    @SuppressWarnings("ArrayRecordComponent") // ids stay unboxed; nobody compares answers
    record Tokens(int count, int maxModelLen, int[] tokens, Optional<List<String>> tokenStrs) {}

    @RegisterForReflection
    record DetokenizedText(String prompt) {}
}
