package dev.loci.engine;

import dev.loci.kernel.KvType;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/// How an engine runs its model.
/// @param kvType        empty: f32 for f32 weights, otherwise f16
/// @param activations   what int8 weights are multiplied with
/// @param kvBytes       memory of the KV cache; 0: enough for `maxSequences` whole contexts, at most a quarter of the
///                      memory that the process may use
/// @param maxSequences  sequences in one step at most
/// @param stepTokens    new tokens in one step at most
/// @param stepTime      how long a step may take while others run or wait: prompts are read in shorter pieces then, of
///                      at least 64 tokens a step; empty for no limit
/// @param queueRequests requests that wait at most
/// @param queueTokens   prompt tokens of all requests that wait at most
/// @param prefixCache   whether keys and values of prompts are kept for later prompts that begin alike
public record EngineOptions(
        Optional<KvType> kvType,
        ActivationMode activations,
        long kvBytes,
        int maxSequences,
        int stepTokens,
        Optional<Duration> stepTime,
        int queueRequests,
        long queueTokens,
        boolean prefixCache) {
    /// A default step time: what people take for at once, and long enough to read weights for many tokens.
    public static final Duration STEP_TIME = Duration.ofMillis(30);

    public enum ActivationMode {
        /// int8 activations for int8 weights.
        AUTO,
        /// Every op on f32 activations.
        F32
    }

    public static final EngineOptions DEFAULT = new EngineOptions(
            Optional.empty(), ActivationMode.AUTO, 0, 32, 256, Optional.of(STEP_TIME), 1024, 1 << 20, true);

    public EngineOptions {
        Objects.requireNonNull(kvType, "kvType");
        Objects.requireNonNull(activations, "activations");
        Objects.requireNonNull(stepTime, "stepTime");
        requireAtLeast(0, kvBytes, "kvBytes");
        requireAtLeast(1, maxSequences, "maxSequences");
        requireAtLeast(1, stepTokens, "stepTokens");
        requireAtLeast(0, queueRequests, "queueRequests");
        requireAtLeast(1, queueTokens, "queueTokens");
    }

    /// With a prefix cache, and the default step time and bound of waiting prompt tokens.
    public EngineOptions(
            Optional<KvType> kvType,
            ActivationMode activations,
            long kvBytes,
            int maxSequences,
            int stepTokens,
            int queueRequests) {
        this(
                kvType,
                activations,
                kvBytes,
                maxSequences,
                stepTokens,
                Optional.of(STEP_TIME),
                queueRequests,
                1 << 20,
                true);
    }

    private static void requireAtLeast(long least, long value, String what) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "engine options, " + what + ": expected at least " + least + ", found " + value);
        }
    }
}
