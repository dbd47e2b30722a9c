package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loci.grammar.GrammarException;
import dev.loci.grammar.Grammars;
import dev.loci.grammar.TokenGrammar;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// What an answer's form is asked for with: OpenAI's `response_format`, and the names that vLLM has
/// for the same.
final class GrammarFields {
    private static final int MAX_CHOICES = 4096;
    /// In which a grammar is compiled at the latest, or given up.
    private static final long RETRY_SECONDS = 5;

    private static final String FORMATS = "\"text\", \"json_object\" or \"json_schema\"";

    private final ServedModel model;
    private final List<String> params = new ArrayList<>();
    private Optional<TokenGrammar> grammar = Optional.empty();

    private GrammarFields(ServedModel model) {
        this.model = model;
    }

    static Optional<TokenGrammar> parse(RequestFields fields, ServedModel model) {
        GrammarFields found = new GrammarFields(model);
        fields.object("response_format").ifPresent(found::responseFormat);
        found.vllm(fields, "guided_json", "guided_regex", "guided_choice");
        fields.object("structured_outputs").ifPresent(outputs -> {
            found.vllm(outputs, "json", "regex", "choice");
            if (outputs.bool("json_object").orElse(false)) {
                found.set(outputs.path("json_object"), Grammars::jsonObject);
            }
            outputs.refuseOthers();
        });
        return found.grammar;
    }

    /// The `text.format` of `/v1/responses`: a schema stands in it, not in an object of its own.
    static Optional<TokenGrammar> ofText(RequestFields format, ServedModel model) {
        GrammarFields found = new GrammarFields(model);
        found.form(format, () -> found.named(format));
        return found.grammar;
    }

    private void responseFormat(RequestFields format) {
        form(format, () -> {
            RequestFields named = format.object("json_schema")
                    .orElseThrow(() -> ApiException.parameter(
                            "missing_parameter", format.path("json_schema"), "an object with a schema", "none"));
            named(named);
            named.refuseOthers();
        });
    }

    private void named(RequestFields named) {
        named.string("name");
        named.string("description");
        named.bool("strict");
        schema(named, named.require("schema", "a JSON schema"), "schema");
    }

    private void form(RequestFields format, Runnable schema) {
        JsonNode type = format.require("type", FORMATS);
        switch (type.asText()) {
            case "text" -> {}
            case "json_object" -> set(format.path("type"), Grammars::jsonObject);
            case "json_schema" -> schema.run();
            default -> throw ApiException.invalid(format.path("type"), FORMATS, RequestFields.quote(type));
        }
        format.refuseOthers();
    }

    private void vllm(RequestFields fields, String json, String regex, String choice) {
        fields.find(json).ifPresent(node -> schema(fields, node, json));
        fields.string(regex).ifPresent(pattern -> set(fields.path(regex), grammars -> grammars.regex(pattern)));
        fields.find(choice).ifPresent(node -> {
            Set<String> texts = choices(fields.path(choice), node);
            set(fields.path(choice), grammars -> grammars.choice(texts));
        });
    }

    private static Set<String> choices(String param, JsonNode node) {
        Set<String> texts = new LinkedHashSet<>();
        boolean fits = node.isArray() && !node.isEmpty() && node.size() <= MAX_CHOICES;
        for (JsonNode text : fits ? node : List.<JsonNode>of()) {
            fits &= text.isTextual() && !text.textValue().isEmpty();
            texts.add(text.asText());
        }
        if (!fits) {
            throw ApiException.invalid(
                    param, "1 to " + MAX_CHOICES + " strings that are not empty", RequestFields.quote(node));
        }
        return texts;
    }

    /// @param node a schema, or the text of one
    private void schema(RequestFields fields, JsonNode node, String name) {
        if (!node.isObject() && !node.isTextual() && !node.isBoolean()) {
            throw ApiException.invalid(fields.path(name), "a JSON schema", RequestFields.quote(node));
        }
        String text = node.isTextual() ? node.textValue() : node.toString();
        set(fields.path(name), grammars -> grammars.jsonSchema(text));
    }

    private void set(String param, Function<Grammars, TokenGrammar> maker) {
        params.add(param);
        if (params.size() > 1) {
            throw ApiException.invalid(param, "no other form beside it", params.getFirst());
        }
        Grammars grammars = model.generator()
                .grammars()
                .orElseThrow(() -> ApiException.parameter(
                        "unsupported_value", param, "a model whose answers can be held to a form", "one without"));
        try {
            grammar = Optional.of(maker.apply(grammars));
        } catch (GrammarException e) {
            if (e.busy()) {
                throw ApiException.full("grammars_full", e.getMessage(), RETRY_SECONDS);
            }
            throw ApiException.invalid(param, "a form that answers can be held to", e.getMessage());
        }
    }
}
