package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Answers whose stream is a row of chunks, each an answer in small.
abstract sealed class ChunkFormat extends AnswerFormat permits CompletionFormat, ChatFormat {
    private final AnswerHead head;
    private final boolean includeUsage;
    private final Map<Integer, EventFrame> frames = new HashMap<>();

    /// @param includeUsage whether a stream ends with the counts; each chunk before has a null then
    ChunkFormat(AnswerHead head, boolean includeUsage) {
        this.head = head;
        this.includeUsage = includeUsage;
    }

    @Override
    String id() {
        return head.id();
    }

    @Override
    final byte[] opening(int index) {
        return ServerSentEvents.events(openingChunks(index));
    }

    @Override
    final byte[] event(int index, Piece piece) {
        return piece.textAlone()
                ? frames.computeIfAbsent(index, _ -> EventFrame.of(this, index)).event(piece.text())
                : ServerSentEvents.event(chunk(index, piece));
    }

    @Override
    final byte[] closing(Wire.Usage usage) {
        byte[] last = includeUsage ? ServerSentEvents.event(usageChunk(usage)) : new byte[0];
        return ServerSentEvents.joined(List.of(last, ServerSentEvents.done()));
    }

    @Override
    final byte[] failure(ApiException e) {
        return ServerSentEvents.event(e.body());
    }

    /// Chunks that come before any piece of a choice.
    abstract List<Object> openingChunks(int index);

    abstract Object chunk(int index, Piece piece);

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
