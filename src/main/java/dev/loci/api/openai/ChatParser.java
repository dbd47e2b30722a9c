package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loci.engine.GenerationRequest;
import java.util.List;
import java.util.OptionalInt;

/// Validates requests of `/v1/chat/completions`.
final class ChatParser {
    private static final int MAX_LOGPROBS = 20;

    private final RequestFields fields;
    private final ServedModel model;

    private ChatParser(RequestFields fields, ServedModel model) {
        this.fields = fields;
        this.model = model;
    }

    static Order parse(RequestFields fields, ServedModel model) {
        return new ChatParser(fields, model).order();
    }

    private Order order() {
        SharedFields shared = SharedFields.parse(fields, model);
        OptionalInt older = fields.integer("max_tokens", 1, Integer.MAX_VALUE);
        OptionalInt newer = fields.integer("max_completion_tokens", 1, Integer.MAX_VALUE);
        if (older.isPresent() && newer.isPresent() && older.getAsInt() != newer.getAsInt()) {
            throw ApiException.invalid(
                    "max_tokens", "the value of max_completion_tokens or none", String.valueOf(older.getAsInt()));
        }
        OptionalInt topLogprobs = topLogprobs();
        NeutralFields.ofChat(fields);
        JsonNode messages = fields.require("messages", "an array of messages");
        fields.refuseOthers();

        int[] prompt = ChatPrompt.ids(model, "messages", ChatPrompt.messages(messages), true);
        String param = newer.isPresent() ? "max_completion_tokens" : "max_tokens";
        Copies copies = new Copies(shared.choices(), shared.choices());
        int maxTokens = ContextLimit.maxTokens(
                model,
                "messages",
                prompt.length,
                param,
                newer.isPresent() ? newer : older,
                ScoreLimit.mostTokens(copies, topLogprobs));
        List<GenerationRequest> generations =
                shared.generations(prompt, maxTokens, copies, topLogprobs, OptionalInt.empty());
        MemoryTracer.check(generations);
        ScoreLimit.check(generations);
        return new Order(
                Order.Kind.CHAT,
                generations,
                copies,
                List.of(),
                topLogprobs.isPresent(),
                shared.stream(),
                shared.includeUsage());
    }

    private OptionalInt topLogprobs() {
        boolean logprobs = fields.bool("logprobs").orElse(false);
        OptionalInt top = fields.integer("top_logprobs", 0, MAX_LOGPROBS);
        if (!logprobs && top.orElse(0) > 0) {
            throw ApiException.invalid("top_logprobs", "\"logprobs\": true beside it", "no logprobs");
        }
        return logprobs ? OptionalInt.of(top.orElse(0)) : OptionalInt.empty();
    }
}
