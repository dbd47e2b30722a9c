package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loci.engine.GenerationRequest;
import dev.loci.tokenizer.ChatMessage;
import dev.loci.tokenizer.ChatTemplate;
import dev.loci.tokenizer.TokenizerException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Validates requests of `/v1/chat/completions`.
final class ChatParser {
    private static final int MAX_MESSAGES = 4096;
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
        refuseTools();
        JsonNode messages = fields.require("messages", "an array of messages");
        fields.refuseOthers();

        int[] prompt = prompt(messages(messages));
        String param = newer.isPresent() ? "max_completion_tokens" : "max_tokens";
        int maxTokens = ContextLimit.maxTokens(
                model, "messages", prompt.length, param, newer.isPresent() ? newer : older, Integer.MAX_VALUE);
        Copies copies = new Copies(shared.choices(), shared.choices());
        List<GenerationRequest> generations =
                shared.generations(prompt, maxTokens, copies, topLogprobs, OptionalInt.empty());
        MemoryTracer.check(generations);
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

    private void refuseTools() {
        fields.only("tools", "none: this server calls no tools", node -> node.isArray() && node.isEmpty());
        fields.only("tool_choice", "\"none\" or \"auto\"", node -> isOneOf(node, "none", "auto"));
        fields.only("parallel_tool_calls", "true or false", JsonNode::isBoolean);
        fields.only("functions", "none: this server calls no tools", node -> node.isArray() && node.isEmpty());
        fields.only("function_call", "\"none\" or \"auto\"", node -> isOneOf(node, "none", "auto"));
        fields.only("add_special_tokens", "false", node -> node.isBoolean() && !node.booleanValue());
    }

    private static boolean isOneOf(JsonNode node, String... values) {
        return node.isTextual() && List.of(values).contains(node.textValue());
    }

    private int[] prompt(List<ChatMessage> messages) {
        ChatTemplate template = model.chatTemplate()
                .orElseThrow(() ->
                        ApiException.invalid("messages", "a model that has a chat template", "one without a template"));
        ContextLimit.checkText(
                model,
                "messages",
                messages.stream().mapToLong(each -> each.content().length()).sum());
        try {
            int[] ids = template.encode(model.tokenizer(), messages, true);
            if (ids.length == 0) {
                throw ApiException.invalid("messages", "at least 1 token", "0");
            }
            return ids;
        } catch (TokenizerException e) {
            throw ApiException.invalid("messages", "messages that the chat template takes", e.getMessage());
        }
    }

    private static List<ChatMessage> messages(JsonNode node) {
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
