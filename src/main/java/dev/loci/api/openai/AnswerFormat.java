package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;
import java.util.Optional;

/// How one endpoint writes pieces.
abstract sealed class AnswerFormat permits CompletionFormat, ChatFormat {
    private final AnswerHead head;
    private final boolean includeUsage;

    /// @param includeUsage whether a stream ends with the counts; each chunk before has a null then
    AnswerFormat(AnswerHead head, boolean includeUsage) {
        this.head = head;
        this.includeUsage = includeUsage;
    }

    static AnswerFormat of(Order order, ServedModel model) {
        return switch (order.kind()) {
            case COMPLETION -> new CompletionFormat(order, model);
            case CHAT -> new ChatFormat(order, model);
        };
    }

    /// Chunks that come before any piece of a choice.
    abstract List<Object> opening(int index);

    abstract Object chunk(int index, Piece piece);

    /// @param pieces one for each choice, with all of its answer
    abstract Object whole(List<Piece> pieces, Wire.Usage usage);

    abstract Object usageChunk(Wire.Usage usage);

    <C> Wire.Answer<C> wholeOf(String object, List<C> choices, Wire.Usage usage) {
        return answer(object, choices, Optional.of(Wire.tree(usage)));
    }

    <C> Wire.Answer<C> chunkOf(String object, C choice) {
        return answer(object, List.of(choice), includeUsage ? Optional.of(NullNode.getInstance()) : Optional.empty());
    }

    Wire.Answer<Object> lastChunkOf(String object, Wire.Usage usage) {
        return answer(object, List.of(), Optional.of(Wire.tree(usage)));
    }

    private <C> Wire.Answer<C> answer(String object, List<C> choices, Optional<JsonNode> usage) {
        return new Wire.Answer<>(head.id(), object, head.created(), head.model(), head.fingerprint(), choices, usage);
    }
}
