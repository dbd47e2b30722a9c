package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loci.tokenizer.ChatMessage;
import dev.loci.tokenizer.ChatTemplate;
import dev.loci.tokenizer.TokenizerException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Messages of a conversation, and the prompt that the model's template makes of them.
final class ChatPrompt {
    private static final int MAX_MESSAGES = 4096;
    private static final int MAX_NAME_CHARS = 64;
    static final String ROLES = "system, developer, user or assistant";
    static final String TEXT = "a string or an array of text parts";

    private ChatPrompt() {}

    /// Ids of a conversation.
    /// @param param               where it stands in the request
    /// @param addGenerationPrompt whether the start of an answer follows
    static int[] ids(ServedModel model, String param, List<ChatMessage> messages, boolean addGenerationPrompt) {
        ChatTemplate template = model.chatTemplate()
                .orElseThrow(() ->
                        ApiException.invalid(param, "a model that has a chat template", "one without a template"));
        ContextLimit.checkText(
                model,
                param,
                messages.stream()
                        .mapToLong(each -> each.content().length()
                                + each.name().map(String::length).orElse(0))
                        .sum());
        try {
            int[] ids = template.encode(model.tokenizer(), messages, addGenerationPrompt);
            if (ids.length == 0) {
                throw ApiException.invalid(param, "at least 1 token", "0");
            }
            return ids;
        } catch (TokenizerException e) {
            throw ApiException.invalid(param, "messages that the chat template takes", e.getMessage());
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
        JsonNode role = fields.require("role", ROLES);
        JsonNode content = fields.require("content", TEXT);
        Optional<String> name = name(fields);
        fields.only("tool_calls", "none: this server calls no tools", NeutralFields::isEmptyArray);
        fields.only("annotations", "none", NeutralFields::isEmptyArray);
        fields.only("refusal", "none", node -> false);
        fields.refuseOthers();
        return new ChatMessage(role(fields.path("role"), role), text(fields.path("content"), content, "text"), name);
    }

    private static Optional<String> name(RequestFields fields) {
        Optional<String> name = fields.string("name");
        name.ifPresent(text -> {
            if (text.isEmpty() || text.codePointCount(0, text.length()) > MAX_NAME_CHARS) {
                throw ApiException.invalid(
                        fields.path("name"),
                        "a string of 1 to " + MAX_NAME_CHARS + " characters",
                        RequestFields.shorten(text));
            }
        });
        return name;
    }

    static ChatMessage.Role role(String path, JsonNode role) {
        return switch (role.asText()) {
            case "system", "developer" -> ChatMessage.Role.SYSTEM;
            case "user" -> ChatMessage.Role.USER;
            case "assistant" -> ChatMessage.Role.ASSISTANT;
            default -> throw ApiException.invalid(path, ROLES, RequestFields.quote(role));
        };
    }

    /// A text, or the parts of one.
    /// @param types that a part may have
    static String text(String path, JsonNode content, String... types) {
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray()) {
            throw ApiException.invalid(path, TEXT, RequestFields.quote(content));
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < content.size(); i++) {
            String partPath = path + "[" + i + "]";
            if (!(content.get(i) instanceof ObjectNode object)) {
                throw ApiException.invalid(partPath, "an object", RequestFields.quote(content.get(i)));
            }
            text.append(part(new RequestFields(object, partPath + "."), types));
        }
        return text.toString();
    }

    private static String part(RequestFields part, String... types) {
        String expected = Stream.of(types).map(type -> '"' + type + '"').collect(Collectors.joining(" or "));
        JsonNode type = part.require("type", expected);
        if (!NeutralFields.isOneOf(type, types)) {
            throw ApiException.parameter("unsupported_value", part.path("type"), expected, RequestFields.quote(type));
        }
        part.require("text", "a string");
        String text = part.string("text").orElseThrow();
        part.only("annotations", "none", NeutralFields::isEmptyArray);
        part.only("logprobs", "none", NeutralFields::isEmptyArray);
        part.refuseOthers();
        return text;
    }
}
