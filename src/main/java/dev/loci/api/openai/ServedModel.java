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
public record ServedModel(
        String id,
        long created,
        Generator generator,
        Tokenizer tokenizer,
        Optional<ChatTemplate> chatTemplate,
        int contextTokens,
        int vocabSize,
        String fingerprint,
        RequestLimits limits) {
    public ServedModel {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(generator, "generator");
        Objects.requireNonNull(tokenizer, "tokenizer");
        Objects.requireNonNull(chatTemplate, "chatTemplate");
        Objects.requireNonNull(fingerprint, "fingerprint");
        Objects.requireNonNull(limits, "limits");
    }

    /// With the default limits.
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
                RequestLimits.DEFAULT);
    }
}
