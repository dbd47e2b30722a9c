package dev.loci.cli;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/// What a server tells about itself: options of `serve`, each of them a configuration key.
@RegisterForReflection
final class TelemetryFlags {
    @Option(
            names = "--telemetry-disabled",
            paramLabel = "B",
            description = {
                "true: no metrics, traces and logs are made (default: OTEL_SDK_DISABLED, or false).",
                "Key: loci.telemetry.disabled"
            })
    private Optional<String> disabled;

    @Option(
            names = "--vllm-names",
            paramLabel = "B",
            description = {
                "vLLM's names in /q/metrics beside Loci's: true (default) or false.",
                "Key: loci.telemetry.vllm-names"
            })
    private Optional<String> vllmNames;

    @Option(
            names = "--otlp-endpoint",
            paramLabel = "URL",
            description = {
                "Where traces and metrics are sent to (default: OTEL_EXPORTER_OTLP_ENDPOINT, or nowhere).",
                "Key: loci.telemetry.otlp.endpoint"
            })
    private Optional<String> endpoint;

    @Option(
            names = "--otlp-protocol",
            paramLabel = "P",
            description = {
                "http/protobuf or grpc (default: OTEL_EXPORTER_OTLP_PROTOCOL, or http/protobuf).",
                "Key: loci.telemetry.otlp.protocol"
            })
    private Optional<String> protocol;

    @Option(
            names = "--trace-sample",
            paramLabel = "F",
            description = {
                "Share of traces that are recorded where callers have not decided (default: 1).",
                "Key: loci.telemetry.traces.sample"
            })
    private Optional<String> sample;

    @Option(
            names = "--trace-steps",
            paramLabel = "B",
            description = {
                "Spans for steps that serve a recorded request: true or false (default).",
                "Key: loci.telemetry.traces.steps"
            })
    private Optional<String> steps;

    @Option(
            names = "--trace-content",
            paramLabel = "B",
            description = {"Prompts in spans: true or false (default).", "Key: loci.telemetry.traces.content"})
    private Optional<String> content;

    @Option(
            names = "--json-logs",
            paramLabel = "B",
            description = {
                "Log one JSON object a line, with the ids of traces: true or false (default).",
                "Key: loci.telemetry.logs.json"
            })
    private Optional<String> jsonLogs;

    @Option(
            names = "--otlp-logs",
            paramLabel = "B",
            description = {"Send logs where traces go: true or false (default).", "Key: loci.telemetry.logs.otlp"})
    private Optional<String> otlpLogs;

    void addTo(Map<String, String> settings) {
        disabled.ifPresent(value -> settings.put("loci.telemetry.disabled", value));
        vllmNames.ifPresent(value -> settings.put("loci.telemetry.vllm-names", value));
        endpoint.ifPresent(value -> settings.put("loci.telemetry.otlp.endpoint", value));
        protocol.ifPresent(value -> settings.put("loci.telemetry.otlp.protocol", value));
        sample.ifPresent(value -> settings.put("loci.telemetry.traces.sample", value));
        steps.ifPresent(value -> settings.put("loci.telemetry.traces.steps", value));
        content.ifPresent(value -> settings.put("loci.telemetry.traces.content", value));
        jsonLogs.ifPresent(value -> settings.put("loci.telemetry.logs.json", value));
        otlpLogs.ifPresent(value -> settings.put("loci.telemetry.logs.otlp", value));
    }
}
