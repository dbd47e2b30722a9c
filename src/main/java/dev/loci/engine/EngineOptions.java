package dev.loci.engine;

import dev.loci.kernel.KvType;
import java.util.Objects;
import java.util.Optional;

/// How an engine runs its model.
/// @param kvType        empty: f32 for f32 weights, otherwise f16
/// @param activations   what int8 weights are multiplied with
/// @param kvBytes       memory of the KV cache; 0: enough for `maxSequences` whole contexts, at most a quarter of the
///                      memory that the process may use
/// @param maxSequences  sequences in one step at most
/// @param stepTokens    new tokens in one step at most
/// @param queueRequests requests that wait at most
public record EngineOptions(
        Optional<KvType> kvType,
        ActivationMode activations,
        long kvBytes,
        int maxSequences,
        int stepTokens,
        int queueRequests) {
    public enum ActivationMode {
        /// int8 activations for int8 weights.
        AUTO,
        /// Every op on f32 activations.
        F32
    }

    public static final EngineOptions DEFAULT =
            new EngineOptions(Optional.empty(), ActivationMode.AUTO, 0, 32, 256, 1024);

    public EngineOptions {
        Objects.requireNonNull(kvType, "kvType");
        Objects.requireNonNull(activations, "activations");
        requireAtLeast(0, kvBytes, "kvBytes");
        requireAtLeast(1, maxSequences, "maxSequences");
        requireAtLeast(1, stepTokens, "stepTokens");
        requireAtLeast(0, queueRequests, "queueRequests");
    }

    private static void requireAtLeast(long least, long value, String what) {
        if (value < least) {
            throw new IllegalArgumentException(
                    "engine options, " + what + ": expected at least " + least + ", found " + value);
        }
    }
}
