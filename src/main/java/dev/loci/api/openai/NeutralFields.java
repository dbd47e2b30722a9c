package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// Parameters that change nothing here, or may only say what happens anyway.
final class NeutralFields {
    private NeutralFields() {}

    /// Which say how a request is served, not what is answered.
    static void ofServing(RequestFields fields) {
        fields.only("service_tier", "\"auto\" or \"default\"", node -> isOneOf(node, "auto", "default"));
        fields.string("safety_identifier");
        fields.string("prompt_cache_key");
        fields.only(
                "prompt_cache_retention",
                "\"in_memory\" or \"24h\"",
                node -> isOneOf(node, "in_memory", "in-memory", "24h"));
    }

    /// Of chat alone.
    static void ofChat(RequestFields fields) {
        ofServing(fields);
        fields.only("tools", "none: this server calls no tools", NeutralFields::isEmptyArray);
        fields.only("tool_choice", "\"none\" or \"auto\"", node -> isOneOf(node, "none", "auto"));
        fields.only("parallel_tool_calls", "true or false", JsonNode::isBoolean);
        fields.only("functions", "none: this server calls no tools", NeutralFields::isEmptyArray);
        fields.only("function_call", "\"none\" or \"auto\"", node -> isOneOf(node, "none", "auto"));
        fields.only("add_special_tokens", "false", NeutralFields::isFalse);
        fields.only("reasoning_effort", "\"none\"", node -> isOneOf(node, "none"));
        fields.only("verbosity", "\"medium\"", node -> isOneOf(node, "medium"));
        fields.only(
                "modalities", "[\"text\"]", node -> node.isArray() && node.size() == 1 && isOneOf(node.get(0), "text"));
        fields.only("audio", "none: this server answers in text", node -> false);
        fields.only("web_search_options", "none: this server searches nothing", node -> false);
        // a guess at the answer, which could only make it faster
        fields.only("prediction", "an object", JsonNode::isObject);
    }

    static boolean isOneOf(JsonNode node, String... values) {
        return node.isTextual() && List.of(values).contains(node.textValue());
    }

    static boolean isFalse(JsonNode node) {
        return node.isBoolean() && !node.booleanValue();
    }

    static boolean isEmptyArray(JsonNode node) {
        return node.isArray() && node.isEmpty();
    }
}
