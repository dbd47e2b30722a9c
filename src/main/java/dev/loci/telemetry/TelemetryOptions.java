package dev.loci.telemetry;

/// What the server is to tell.
/// @param enabled   whether it tells anything
/// @param exported  whether there is somebody to send traces to
/// @param sample    share of traces that are recorded where the caller has not decided, 0 to 1
/// @param steps     whether the steps that serve a recorded request are spans
/// @param content   whether spans hold prompts
/// @param vllmNames whether `/q/metrics` has vLLM's names beside Loci's
public record TelemetryOptions(
        boolean enabled, boolean exported, double sample, boolean steps, boolean content, boolean vllmNames) {
    public TelemetryOptions {
        if (!(sample >= 0 && sample <= 1)) {
            throw new IllegalArgumentException("sample: expected 0 to 1, found " + sample);
        }
    }
}
