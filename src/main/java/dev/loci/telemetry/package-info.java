/// What the server tells about itself: metrics, traces and events of a flight recording.
///
/// The OpenTelemetry SDK is the one source of metrics; `/q/metrics` and OTLP read the same instruments. What engines
/// count is read when somebody asks ([EngineMetrics]); what belongs to a request is recorded when it ends
/// ([RequestTelemetry]). Open [RequestTelemetry] first.
package dev.loci.telemetry;
