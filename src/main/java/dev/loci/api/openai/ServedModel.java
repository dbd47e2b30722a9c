package dev.loci.api.openai;

import dev.loci.engine.Generator;
import dev.loci.tokenizer.ChatTemplate;
import dev.loci.tokenizer.Tokenizer;
import java.util.Objects;
import java.util.Optional;

/// A model that can answer. Everything in it is borrowed.
/// @param id            name by which requests ask for it
/// @param created       when it was loaded, in seconds since 1970
/// @param contextTokens longest sequence, prompt and new tokens together
/// @param fingerprint   changes with the model and with the program
/// @param limits        what it grants one request
/// @param memory        its memory layers, where it has any
public record ServedModel(
        String id,
        long created,
        Generator generator,
        Tokenizer tokenizer,
        Optional<ChatTemplate> chatTemplate,
        int contextTokens,
        int vocabSize,
        String fingerprint,
        RequestLimits limits,
        Optional<MemoryShape> memory) {
    public ServedModel {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(generator, "generator");
        Objects.requireNonNull(tokenizer, "tokenizer");
        Objects.requireNonNull(chatTemplate, "chatTemplate");
        Objects.requireNonNull(fingerprint, "fingerprint");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(memory, "memory");
    }

    /// Without memory layers, and with the default limits.
    public ServedModel(
            String id,
            long created,
            Generator generator,
            Tokenizer tokenizer,
            Optional<ChatTemplate> chatTemplate,
            int contextTokens,
            int vocabSize,
            String fingerprint) {
        this(
                id,
                created,
                generator,
                tokenizer,
                chatTemplate,
                contextTokens,
                vocabSize,
                fingerprint,
                RequestLimits.defaults(),
                Optional.empty());
    }
}
