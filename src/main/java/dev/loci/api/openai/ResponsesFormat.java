package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loci.api.openai.ResponsesWire.ContentPart;
import dev.loci.api.openai.ResponsesWire.Message;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Answers of `/v1/responses`: one message with one part, whose text grows in a stream.
final class ResponsesFormat extends AnswerFormat {
    private static final String IN_PROGRESS = "in_progress";
    private static final String COMPLETED = "completed";
    private static final String LENGTH = "length";

    /// What the answer repeats of its request.
    record Asked(
            Optional<String> instructions,
            OptionalInt maxOutputTokens,
            double temperature,
            double topP,
            JsonNode format,
            String toolChoice,
            boolean parallelToolCalls,
            Optional<String> user,
            JsonNode metadata) {}

    private final AnswerHead head;
    private final String messageId;
    private final Asked asked;
    private final StringBuilder text = new StringBuilder();
    private String finishReason = "";
    private int sequence;

    ResponsesFormat(ServedModel model, Asked asked) {
        this.head = AnswerHead.next("resp_", model);
        this.messageId = AnswerHead.next("msg_", model).id();
        this.asked = asked;
    }

    @Override
    String id() {
        return head.id();
    }

    @Override
    Object whole(List<Piece> pieces, Wire.Usage usage) {
        Piece piece = pieces.getFirst();
        String status = status(piece.finishReason().orElse(""));
        return response(status, List.of(message(status, List.of(ContentPart.of(piece.text())))), usage(usage));
    }

    private static String status(String finishReason) {
        return finishReason.equals(LENGTH) ? ResponsesWire.INCOMPLETE : COMPLETED;
    }

    @Override
    byte[] opening(int index) {
        Map<String, ?> begun = Map.of("response", response(IN_PROGRESS, List.of(), Optional.empty()));
        return ServerSentEvents.joined(List.of(
                event("response.created", begun),
                event("response.in_progress", begun),
                event("response.output_item.added", inOutput(message(IN_PROGRESS, List.of()))),
                event("response.content_part.added", inPart("part", ContentPart.of("")))));
    }

    @Override
    byte[] event(int index, Piece piece) {
        text.append(piece.text());
        piece.finishReason().ifPresent(reason -> finishReason = reason);
        if (piece.text().isEmpty()) {
            return new byte[0];
        }
        Map<String, Object> delta = inPart("delta", piece.text());
        delta.put("logprobs", List.of());
        return event("response.output_text.delta", delta);
    }

    @Override
    byte[] closing(Wire.Usage usage) {
        String status = status(finishReason);
        ContentPart part = ContentPart.of(text.toString());
        Message message = message(status, List.of(part));
        Map<String, Object> done = inPart("text", text.toString());
        done.put("logprobs", List.of());
        return ServerSentEvents.joined(List.of(
                event("response.output_text.done", done),
                event("response.content_part.done", inPart("part", part)),
                event("response.output_item.done", inOutput(message)),
                event("response." + status, Map.of("response", response(status, List.of(message), usage(usage))))));
    }

    @Override
    byte[] failure(ApiException e) {
        ResponsesWire.Failure failure =
                new ResponsesWire.Failure(code(e), e.body().error().message());
        return event(
                "response.failed",
                Map.of(
                        "response",
                        ResponsesWire.Body.of(
                                head, asked, "failed", Optional.of(failure), List.of(), Optional.empty())));
    }

    /// OpenAI's name for what the server did wrong, and this server's for the rest.
    private static String code(ApiException e) {
        return e.code().equals(ApiException.INTERNAL_ERROR) ? "server_error" : e.code();
    }

    private byte[] event(String type, Map<String, ?> fields) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", type);
        event.put("sequence_number", sequence++);
        event.putAll(fields);
        return ServerSentEvents.event(type, event);
    }

    private static Map<String, ?> inOutput(Message message) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("output_index", 0);
        fields.put("item", message);
        return fields;
    }

    private Map<String, Object> inPart(String name, Object value) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("item_id", messageId);
        fields.put("output_index", 0);
        fields.put("content_index", 0);
        fields.put(name, value);
        return fields;
    }

    private Message message(String status, List<ContentPart> content) {
        return new Message(messageId, "message", status, "assistant", content);
    }

    private static Optional<ResponsesWire.Usage> usage(Wire.Usage usage) {
        return Optional.of(new ResponsesWire.Usage(
                usage.promptTokens(),
                new ResponsesWire.InputDetails(usage.promptTokensDetails().cachedTokens(), 0),
                usage.completionTokens(),
                new ResponsesWire.OutputDetails(0),
                usage.totalTokens()));
    }

    private ResponsesWire.Body response(String status, List<Message> output, Optional<ResponsesWire.Usage> usage) {
        return ResponsesWire.Body.of(head, asked, status, Optional.empty(), output, usage);
    }
}
