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
public record ServedModel(
        String id,
        long created,
        Generator generator,
        Tokenizer tokenizer,
        Optional<ChatTemplate> chatTemplate,
        int contextTokens,
        int vocabSize,
        String fingerprint) {
    public ServedModel {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(generator, "generator");
        Objects.requireNonNull(tokenizer, "tokenizer");
        Objects.requireNonNull(chatTemplate, "chatTemplate");
        Objects.requireNonNull(fingerprint, "fingerprint");
    }
}
