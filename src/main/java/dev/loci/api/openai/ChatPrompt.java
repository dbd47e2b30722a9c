package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loci.tokenizer.ChatMessage;
import dev.loci.tokenizer.ChatTemplate;
import dev.loci.tokenizer.TokenizerException;
import java.util.ArrayList;
import java.util.List;

/// Messages of a conversation, and the prompt that the model's template makes of them.
final class ChatPrompt {
    private static final int MAX_MESSAGES = 4096;

    private ChatPrompt() {}

    /// Ids of a conversation.
    /// @param addGenerationPrompt whether the start of an answer follows
    static int[] ids(ServedModel model, List<ChatMessage> messages, boolean addGenerationPrompt) {
        ChatTemplate template = model.chatTemplate()
                .orElseThrow(() ->
                        ApiException.invalid("messages", "a model that has a chat template", "one without a template"));
        ContextLimit.checkText(
                model,
                "messages",
                messages.stream().mapToLong(each -> each.content().length()).sum());
        try {
            int[] ids = template.encode(model.tokenizer(), messages, addGenerationPrompt);
            if (ids.length == 0) {
                throw ApiException.invalid("messages", "at least 1 token", "0");
            }
            return ids;
        } catch (TokenizerException e) {
            throw ApiException.invalid("messages", "messages that the chat template takes", e.getMessage());
        }
    }

    static List<ChatMessage> messages(JsonNode node) {
        if (!node.isArray() || node.isEmpty() || node.size() > MAX_MESSAGES) {
            throw ApiException.invalid(
                    "messages",
                    "an array of 1 to " + MAX_MESSAGES + " messages",
                    node.isArray() ? String.valueOf(node.size()) : RequestFields.quote(node));
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            String path = "messages[" + i + "]";
            if (!(node.get(i) instanceof ObjectNode object)) {
                throw ApiException.invalid(path, "an object", RequestFields.quote(node.get(i)));
            }
            messages.add(message(new RequestFields(object, path + ".")));
        }
        return messages;
    }

    private static ChatMessage message(RequestFields fields) {
        JsonNode role = fields.require("role", "system, developer, user or assistant");
        JsonNode content = fields.require("content", "a string or an array of text parts");
        fields.only("tool_calls", "none: this server calls no tools", node -> node.isArray() && node.isEmpty());
        fields.only("refusal", "none", node -> false);
        fields.refuseOthers();
        ChatMessage.Role known = switch (role.asText()) {
            case "system", "developer" -> ChatMessage.Role.SYSTEM;
            case "user" -> ChatMessage.Role.USER;
            case "assistant" -> ChatMessage.Role.ASSISTANT;
            default ->
                throw ApiException.invalid(
                        fields.path("role"), "system, developer, user or assistant", RequestFields.quote(role));
        };
        return new ChatMessage(known, content(fields.path("content"), content));
    }

    private static String content(String path, JsonNode content) {
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray()) {
            throw ApiException.invalid(path, "a string or an array of text parts", RequestFields.quote(content));
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < content.size(); i++) {
            String partPath = path + "[" + i + "]";
            if (!(content.get(i) instanceof ObjectNode object)) {
                throw ApiException.invalid(partPath, "an object", RequestFields.quote(content.get(i)));
            }
            RequestFields part = new RequestFields(object, partPath + ".");
            JsonNode type = part.require("type", "\"text\"");
            if (!type.asText().equals("text")) {
                throw ApiException.parameter(
                        "unsupported_value", part.path("type"), "\"text\"", RequestFields.quote(type));
            }
            part.require("text", "a string");
            text.append(part.string("text").orElseThrow());
            part.refuseOthers();
        }
        return text.toString();
    }
}
