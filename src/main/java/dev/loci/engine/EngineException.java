package dev.loci.engine;

import java.util.Objects;

/// A request that the engine does not take, or an engine that cannot start.
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public enum Kind {
        /// The request can never be served: prompt too long, an id outside the vocabulary.
        REQUEST,
        /// The queue is full; later it may be taken.
        QUEUE_FULL,
        /// The engine is closing.
        STOPPING,
        /// A file of the model changed under the engine: nothing is served until a restart.
        DAMAGED,
        /// The engine cannot start as it is configured.
        START
    }

    private final Kind kind;
    private final long retryAfterSeconds;

    private EngineException(Kind kind, String message, long retryAfterSeconds) {
        super(message);
        this.kind = Objects.requireNonNull(kind, "kind");
        this.retryAfterSeconds = retryAfterSeconds;
    }

    public static EngineException of(Kind kind, String where, String what, String expected, String found) {
        return new EngineException(kind, where + ", " + what + ": expected " + expected + ", found " + found, 1);
    }

    /// @param retryAfterSeconds after which there may be room, as the engine is going now
    public static EngineException queueFull(String what, String expected, String found, long retryAfterSeconds) {
        return new EngineException(
                Kind.QUEUE_FULL, "engine, " + what + ": expected " + expected + ", found " + found, retryAfterSeconds);
    }

    public Kind kind() {
        return kind;
    }

    /// Seconds, at least 1, after which to try again where the queue is full.
    public long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
