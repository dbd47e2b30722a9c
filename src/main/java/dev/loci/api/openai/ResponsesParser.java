package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.loci.engine.Sampling;
import dev.loci.grammar.TokenGrammar;
import dev.loci.tokenizer.ChatMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Validates requests of `/v1/responses`: text in, text out, nothing kept.
final class ResponsesParser {
    private static final int MAX_ITEMS = 4096;
    private static final String EXPECTED_INPUT = "a string or an array of messages";

    private ResponsesParser() {}

    static Answerable parse(RequestFields fields, ServedModel model) {
        fields.only("n", "none: a response is one", node -> false);
        fields.only("memory_trace", "false: completions and chat tell it", NeutralFields::isFalse);
        fields.only("response_format", "none: text.format says it here", node -> false);
        fields.object("stream_options")
                .ifPresent(
                        options -> options.only("include_usage", "none: every response has its usage", node -> false));
        SharedFields bare = SharedFields.parse(fields, model);
        Optional<RequestFields> text = fields.object("text");
        Optional<JsonNode> format = text.flatMap(inner -> inner.find("format"));
        SharedFields shared = bare.heldTo(text.flatMap(inner -> form(inner, model)), "text.format");
        refuseWhatNeedsMemoryOrTools(fields);
        NeutralFields.ofServing(fields);
        Optional<String> instructions = fields.string("instructions");
        OptionalInt asked = fields.integer("max_output_tokens", 1, Integer.MAX_VALUE);
        String toolChoice = fields.string("tool_choice").orElse("auto");
        boolean parallelToolCalls = fields.bool("parallel_tool_calls").orElse(true);
        Optional<String> user = fields.string("user");
        JsonNode metadata = fields.find("metadata").orElseGet(Wire::emptyObject);
        JsonNode input = fields.require("input", EXPECTED_INPUT);
        fields.refuseOthers();

        List<ChatMessage> messages = new ArrayList<>();
        instructions.ifPresent(told -> messages.add(new ChatMessage(ChatMessage.Role.SYSTEM, told)));
        messages.addAll(messages(input));
        int[] prompt = ChatPrompt.ids(model, "input", messages, true);
        int maxTokens =
                ContextLimit.maxTokens(model, "input", prompt.length, "max_output_tokens", asked, Integer.MAX_VALUE);
        Order order = new Order(
                Order.Kind.RESPONSE,
                shared.generations(prompt, maxTokens, Copies.ONE, OptionalInt.empty(), OptionalInt.empty()),
                Copies.ONE,
                List.of(),
                false,
                shared.stream(),
                false);
        Sampling sampling = shared.sampling();
        ResponsesFormat.Asked repeated = new ResponsesFormat.Asked(
                instructions,
                asked,
                sampling.temperature(),
                sampling.topP(),
                format.orElseGet(ResponsesWire::freeText),
                toolChoice,
                parallelToolCalls,
                user,
                metadata);
        return new Answerable(order, new ResponsesFormat(model, repeated));
    }

    private static void refuseWhatNeedsMemoryOrTools(RequestFields fields) {
        String stateless = "none: this server keeps no responses";
        fields.only("previous_response_id", stateless, node -> false);
        fields.only("conversation", stateless, node -> false);
        fields.only("background", "false", NeutralFields::isFalse);
        fields.only("prompt", "none: this server keeps no prompts", node -> false);
        fields.only("include", "none", NeutralFields::isEmptyArray);
        fields.only("truncation", "\"disabled\"", node -> NeutralFields.isOneOf(node, "disabled"));
        fields.only("top_logprobs", "0", node -> node.isInt() && node.intValue() == 0);
        fields.only("max_tool_calls", "none: this server calls no tools", node -> false);
        fields.only("tools", "none: this server calls no tools", NeutralFields::isEmptyArray);
        fields.only("tool_choice", "\"none\" or \"auto\"", node -> NeutralFields.isOneOf(node, "none", "auto"));
        fields.only("parallel_tool_calls", "true or false", JsonNode::isBoolean);
        fields.object("reasoning").ifPresent(reasoning -> {
            reasoning.only("effort", "\"none\"", node -> NeutralFields.isOneOf(node, "none"));
            reasoning.refuseOthers();
        });
    }

    private static Optional<TokenGrammar> form(RequestFields text, ServedModel model) {
        Optional<TokenGrammar> form = text.object("format").flatMap(format -> GrammarFields.ofText(format, model));
        text.only("verbosity", "\"medium\"", node -> NeutralFields.isOneOf(node, "medium"));
        text.refuseOthers();
        return form;
    }

    private static List<ChatMessage> messages(JsonNode input) {
        if (input.isTextual()) {
            return List.of(new ChatMessage(ChatMessage.Role.USER, input.textValue()));
        }
        if (!input.isArray() || input.isEmpty() || input.size() > MAX_ITEMS) {
            throw ApiException.invalid(
                    "input",
                    "a string or an array of 1 to " + MAX_ITEMS + " messages",
                    input.isArray() ? String.valueOf(input.size()) : RequestFields.quote(input));
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (int i = 0; i < input.size(); i++) {
            String path = "input[" + i + "]";
            if (!(input.get(i) instanceof ObjectNode object)) {
                throw ApiException.invalid(path, "an object", RequestFields.quote(input.get(i)));
            }
            messages.add(message(new RequestFields(object, path + ".")));
        }
        return messages;
    }

    private static ChatMessage message(RequestFields fields) {
        fields.only("type", "\"message\"", node -> NeutralFields.isOneOf(node, "message"));
        JsonNode role = fields.require("role", ChatPrompt.ROLES);
        JsonNode content = fields.require("content", ChatPrompt.TEXT);
        // of an earlier answer's message, which says its own name
        fields.string("id");
        fields.string("status");
        fields.refuseOthers();
        return new ChatMessage(
                ChatPrompt.role(fields.path("role"), role),
                ChatPrompt.text(fields.path("content"), content, "input_text", "output_text"));
    }
}
