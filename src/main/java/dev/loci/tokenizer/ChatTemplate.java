package dev.loci.tokenizer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A model's Jinja template for conversations. Thread-safe.
///
/// Only the special tokens of the template itself become special tokens; those that stand in a message are text.
public final class ChatTemplate {
    private static final List<String> FIRST_TOKENS = List.of("<s>", "<|begin_of_text|>", "<bos>", "[BOS]");
    private static final List<String> LAST_TOKENS =
            List.of("</s>", "<|endoftext|>", "<|end_of_text|>", "<eos>", "[EOS]");

    /// The template engine skips the whole loop without a word.
    private static final Pattern CONDITIONAL_LOOP =
            Pattern.compile("\\{%[-+]?\\s*for\\s[^%]*\\sin\\s[^%]*\\sif\\s[^%]*%}");

    private final String source;
    private final JinjaRenderer renderer;

    private ChatTemplate(String source, JinjaRenderer renderer) {
        this.source = source;
        this.renderer = renderer;
    }

    /// @param where name of the file, for messages
    /// @throws TokenizerException where the template cannot be used
    public static ChatTemplate parse(String where, String source) {
        Matcher loop = CONDITIONAL_LOOP.matcher(source);
        if (loop.find()) {
            throw TokenizerException.of(where, "loop", "`for` without `if` (put an `if` inside)", loop.group());
        }
        ChatTemplate template = new ChatTemplate(source, new JinjaRenderer(source));
        template.renderer
                .firstFault(template.variables(List.of(message("user", "Hi", Optional.empty())), true, "", ""))
                .ifPresent(fault -> {
                    throw TokenizerException.of(where, "template", "a Jinja chat template", fault);
                });
        return template;
    }

    /// Ids of a conversation.
    /// @param addGenerationPrompt whether the start of an answer follows
    /// @throws TokenizerException where the template refuses the messages
    public int[] encode(Tokenizer tokenizer, List<ChatMessage> messages, boolean addGenerationPrompt) {
        List<String> texts =
                new ArrayList<>(messages.stream().map(ChatMessage::content).toList());
        messages.forEach(message -> message.name().ifPresent(texts::add));
        texts.add(source);
        Markers markers = Markers.of(tokenizer.added(), texts);
        List<Map<String, Object>> sealed = messages.stream()
                .map(message -> message(
                        message.role().text(),
                        markers.sealed(message.content()),
                        message.name().map(markers::sealed)))
                .toList();
        String first = tokenizer.firstSpecial(FIRST_TOKENS).orElse("");
        String last = tokenizer.firstSpecial(LAST_TOKENS).orElse("");
        return markers.encode(tokenizer, renderer.render(variables(sealed, addGenerationPrompt, first, last)));
    }

    /// In this order, which `tojson` shows.
    private static Map<String, Object> message(String role, String content, Optional<String> name) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", role);
        message.put("content", content);
        name.ifPresent(text -> message.put("name", text));
        return message;
    }

    private Map<String, Object> variables(
            List<Map<String, Object>> messages, boolean addGenerationPrompt, String first, String last) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("messages", messages);
        variables.put("add_generation_prompt", addGenerationPrompt);
        variables.put("bos_token", first);
        variables.put("eos_token", last);
        return variables;
    }
}
