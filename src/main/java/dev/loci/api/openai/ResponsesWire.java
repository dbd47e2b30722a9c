package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What `/v1/responses` answers, in the shape of OpenAI's clients. An empty Optional is a JSON null.
final class ResponsesWire {
    static final String INCOMPLETE = "incomplete";

    private ResponsesWire() {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record Usage(
            int inputTokens,
            InputDetails inputTokensDetails,
            int outputTokens,
            OutputDetails outputTokensDetails,
            int totalTokens) {}

    /// @param cacheWriteTokens 0: every prompt is cached, and nobody pays for it
    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record InputDetails(int cachedTokens, int cacheWriteTokens) {}

    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record OutputDetails(int reasoningTokens) {}

    @RegisterForReflection
    record IncompleteDetails(String reason) {}

    @RegisterForReflection
    record Failure(String code, String message) {}

    @RegisterForReflection
    record Message(String id, String type, String status, String role, List<ContentPart> content) {}

    @RegisterForReflection
    record ContentPart(String type, String text, List<String> annotations, List<String> logprobs) {
        static ContentPart of(String text) {
            return new ContentPart("output_text", text, List.of(), List.of());
        }
    }

    @RegisterForReflection
    record Reasoning(Optional<String> effort, Optional<String> summary) {}

    @RegisterForReflection
    record Text(JsonNode format) {}

    /// The form of an answer for which none was asked.
    static JsonNode freeText() {
        return JsonNodeFactory.instance.objectNode().put("type", "text");
    }

    /// The answer, or what is known of it yet.
    @RegisterForReflection
    @JsonNaming(SnakeCaseStrategy.class)
    record Body(
            String id,
            String object,
            long createdAt,
            String status,
            boolean background,
            Optional<Failure> error,
            Optional<IncompleteDetails> incompleteDetails,
            Optional<String> instructions,
            OptionalInt maxOutputTokens,
            String model,
            List<Message> output,
            boolean parallelToolCalls,
            Optional<String> previousResponseId,
            Reasoning reasoning,
            String serviceTier,
            boolean store,
            double temperature,
            Text text,
            String toolChoice,
            List<String> tools,
            double topP,
            String truncation,
            Optional<Usage> usage,
            Optional<String> user,
            JsonNode metadata) {
        static Body of(
                AnswerHead head,
                ResponsesFormat.Asked asked,
                String status,
                Optional<Failure> failure,
                List<Message> output,
                Optional<Usage> usage) {
            return new Body(
                    head.id(),
                    "response",
                    head.created(),
                    status,
                    false,
                    failure,
                    status.equals(INCOMPLETE)
                            ? Optional.of(new IncompleteDetails("max_output_tokens"))
                            : Optional.empty(),
                    asked.instructions(),
                    asked.maxOutputTokens(),
                    head.model(),
                    output,
                    asked.parallelToolCalls(),
                    Optional.empty(),
                    new Reasoning(Optional.empty(), Optional.empty()),
                    "default",
                    false,
                    asked.temperature(),
                    new Text(asked.format()),
                    asked.toolChoice(),
                    List.of(),
                    asked.topP(),
                    "disabled",
                    usage,
                    asked.user(),
                    asked.metadata());
        }
    }
}
