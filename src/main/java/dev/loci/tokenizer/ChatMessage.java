package dev.loci.tokenizer;

import java.util.Objects;
import java.util.Optional;

/// One turn of a conversation.
/// @param name of who wrote it, where several of one role do
public record ChatMessage(Role role, String content, Optional<String> name) {
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT;

        /// As templates and clients write it.
        public String text() {
            return switch (this) {
                case SYSTEM -> "system";
                case USER -> "user";
                case ASSISTANT -> "assistant";
            };
        }
    }

    public ChatMessage {
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(name, "name");
    }

    /// Of somebody without a name.
    public ChatMessage(Role role, String content) {
        this(role, content, Optional.empty());
    }
}
