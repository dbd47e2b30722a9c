package dev.loci.api.openai;

import com.fasterxml.jackson.databind.JsonNode;
import dev.loci.engine.GenerationRequest;
import dev.loci.engine.GenerationRequest.Client;
import dev.loci.engine.Sampling;
import dev.loci.grammar.TokenGrammar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Parameters that both endpoints have.
/// @param choices      continuations of each prompt in the answer
/// @param memoryTrace  whether the answer says what the memory layers hit
/// @param client       still without a key
/// @param includeUsage whether a stream ends with the counts of tokens
/// @param grammar      that answers are held to
record SharedFields(
        Sampling sampling,
        List<String> stop,
        List<Integer> stopTokens,
        boolean ignoreEos,
        boolean memoryTrace,
        int minTokens,
        int choices,
        Client client,
        boolean stream,
        boolean includeUsage,
        Optional<TokenGrammar> grammar) {
    private static final int MAX_STOPS = 16;
    private static final int MAX_STOP_CHARS = 1024;
    private static final int MAX_STOP_TOKENS = 64;

    SharedFields {
        stop = List.copyOf(stop);
        stopTokens = List.copyOf(stopTokens);
    }

    static SharedFields parse(RequestFields fields, ServedModel model) {
        requireServed(fields, model);
        boolean stream = fields.bool("stream").orElse(false);
        boolean includeUsage = includeUsage(fields, stream);
        refuseWhatIsNotThere(fields);
        fields.string("user");
        return new SharedFields(
                SamplingFields.parse(fields, model.vocabSize()),
                stop(fields),
                stopTokens(fields, model.vocabSize()),
                fields.bool("ignore_eos").orElse(false),
                fields.bool("memory_trace").orElse(false),
                fields.integer("min_tokens", 0, Integer.MAX_VALUE).orElse(0),
                fields.integer("n", 1, model.limits().maxChoices()).orElse(1),
                client(fields, model.limits()),
                stream,
                includeUsage,
                grammar(fields, model));
    }

    private static Optional<TokenGrammar> grammar(RequestFields fields, ServedModel model) {
        Optional<TokenGrammar> grammar = GrammarFields.parse(fields, model);
        refuseEndless(grammar, fields.bool("ignore_eos").orElse(false));
        return grammar;
    }

    private static void refuseEndless(Optional<TokenGrammar> grammar, boolean ignoreEos) {
        if (grammar.isPresent() && ignoreEos) {
            throw ApiException.invalid("ignore_eos", "false where the answer's form is given", "true");
        }
    }

    /// The same, held to a form that stands elsewhere.
    SharedFields heldTo(Optional<TokenGrammar> form, String param) {
        if (form.isEmpty()) {
            return this;
        }
        if (grammar.isPresent()) {
            throw ApiException.invalid(param, "no other form beside it", "another");
        }
        refuseEndless(form, ignoreEos);
        return new SharedFields(
                sampling,
                stop,
                stopTokens,
                ignoreEos,
                memoryTrace,
                minTokens,
                choices,
                client,
                stream,
                includeUsage,
                form);
    }

    /// A request that names no model means the served one.
    static void requireServed(RequestFields fields, ServedModel model) {
        if (!fields.string("model").orElse(model.id()).equals(model.id())) {
            throw ApiException.modelNotFound(model.id(), RequestFields.quote(fields.require("model", "a name")));
        }
    }

    /// All candidates of one prompt; they share the array of its ids.
    /// @param topLogprobs  alternatives that the answer shows for each new token
    /// @param promptScores alternatives that it shows for each prompt token
    List<GenerationRequest> generations(
            int[] prompt, int maxTokens, Copies copies, OptionalInt topLogprobs, OptionalInt promptScores) {
        if (minTokens > maxTokens) {
            throw ApiException.invalid("min_tokens", "at most max_tokens, " + maxTokens, String.valueOf(minTokens));
        }
        boolean ranked = copies.candidates() > copies.choices();
        OptionalInt scores = ranked && topLogprobs.isEmpty() ? OptionalInt.of(0) : topLogprobs;
        List<GenerationRequest> generations = new ArrayList<>();
        for (int i = 0; i < copies.candidates(); i++) {
            generations.add(new GenerationRequest(
                    prompt,
                    maxTokens,
                    minTokens,
                    Copies.sampling(sampling, i),
                    stop,
                    stopTokens,
                    ignoreEos,
                    scores,
                    promptScores,
                    memoryTrace,
                    client,
                    grammar));
        }
        return generations;
    }

    private static Client client(RequestFields fields, RequestLimits limits) {
        int priority =
                fields.integer("priority", Integer.MIN_VALUE, Integer.MAX_VALUE).orElse(0);
        return new Client("", priority, limits.timeout());
    }

    private static List<String> stop(RequestFields fields) {
        JsonNode node = fields.find("stop").orElse(null);
        if (node == null) {
            return List.of();
        }
        List<JsonNode> values = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(values::add);
        } else {
            values.add(node);
        }
        boolean fits = values.size() <= MAX_STOPS
                && values.stream()
                        .allMatch(value -> value.isTextual()
                                && !value.textValue().isEmpty()
                                && value.textValue().length() <= MAX_STOP_CHARS);
        if (!fits) {
            throw ApiException.invalid(
                    fields.path("stop"),
                    "up to " + MAX_STOPS + " strings of 1 to " + MAX_STOP_CHARS + " characters",
                    RequestFields.quote(node));
        }
        return values.stream().map(JsonNode::textValue).toList();
    }

    private static List<Integer> stopTokens(RequestFields fields, int vocabSize) {
        JsonNode node = fields.find("stop_token_ids").orElse(null);
        if (node == null) {
            return List.of();
        }
        if (!node.isArray() || node.size() > MAX_STOP_TOKENS) {
            throw ApiException.invalid(
                    fields.path("stop_token_ids"), "up to " + MAX_STOP_TOKENS + " ids", RequestFields.quote(node));
        }
        List<Integer> ids = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            ids.add(RequestFields.integer(fields.path("stop_token_ids[" + i + "]"), node.get(i), 0, vocabSize - 1));
        }
        return ids;
    }

    private static boolean includeUsage(RequestFields fields, boolean stream) {
        RequestFields options = fields.object("stream_options").orElse(null);
        if (options == null) {
            return false;
        }
        if (!stream) {
            throw ApiException.invalid(fields.path("stream_options"), "\"stream\": true beside it", "no stream");
        }
        boolean includeUsage = options.bool("include_usage").orElse(false);
        options.only("include_obfuscation", "false", node -> node.isBoolean() && !node.booleanValue());
        options.refuseOthers();
        return includeUsage;
    }

    /// Names that clients send with values that change nothing; any other value is refused.
    private static void refuseWhatIsNotThere(RequestFields fields) {
        fields.only("store", "false", node -> node.isBoolean() && !node.booleanValue());
        fields.only("metadata", "an object", JsonNode::isObject);
    }
}
