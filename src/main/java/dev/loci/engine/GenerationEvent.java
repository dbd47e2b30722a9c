package dev.loci.engine;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// What a generation emits, in order: at most one [PromptScored], any number of [Token]s, then one [Finished] or
/// [Failed].
public sealed interface GenerationEvent {
    /// Log-probabilities of the prompt's tokens, where they were asked for.
    /// @param scores one for each prompt token; the first has no log-probability
    record PromptScored(List<TokenScore> scores) implements GenerationEvent {
        public PromptScored {
            scores = List.copyOf(scores);
        }
    }

    /// One new token.
    /// @param text  what can be shown now: whole characters only, and nothing that may yet become a stop string;
    ///              so it may be empty, or hold text of earlier tokens
    /// @param score  where it was asked for
    /// @param memory what each memory layer hit, where it was asked for; otherwise empty
    record Token(int id, String text, Optional<TokenScore> score, List<MemoryHits> memory) implements GenerationEvent {
        public Token {
            Objects.requireNonNull(text, "text");
            Objects.requireNonNull(score, "score");
            memory = List.copyOf(memory);
        }

        /// Without what the memory layers hit.
        public Token(int id, String text, Optional<TokenScore> score) {
            this(id, text, score, List.of());
        }
    }

    /// @param text             what was held back and belongs to the answer
    /// @param cachedTokens     prompt tokens whose keys and values were there already
    /// @param completionTokens new tokens, a stop token among them
    /// @param stoppedBy        the stop string or stop token (as its id) that ended it, where one did
    record Finished(
            Reason reason,
            String text,
            int promptTokens,
            int cachedTokens,
            int completionTokens,
            Optional<String> stoppedBy)
            implements GenerationEvent {
        public Finished {
            Objects.requireNonNull(reason, "reason");
            Objects.requireNonNull(text, "text");
        }

        /// Without cached tokens.
        public Finished(
                Reason reason, String text, int promptTokens, int completionTokens, Optional<String> stoppedBy) {
            this(reason, text, promptTokens, 0, completionTokens, stoppedBy);
        }
    }

    /// The engine could not go on with this generation.
    record Failed(Cause cause, String message) implements GenerationEvent {
        public Failed {
            Objects.requireNonNull(cause, "cause");
            Objects.requireNonNull(message, "message");
        }
    }

    enum Reason {
        /// A stop token or a stop string.
        STOP,
        /// As many tokens as were asked for, or the end of the context.
        LENGTH,
        CANCELLED
    }

    enum Cause {
        /// Something in the engine went wrong; the next request may fare better.
        STEP,
        /// It took longer than its client allows.
        TIMEOUT,
        /// The engine is closing.
        STOPPING,
        /// A file of the model changed under the engine: nothing is served until a restart.
        DAMAGED
    }
}
