package dev.loci.telemetry;

import com.google.protobuf.InvalidProtocolBufferException;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.trace.v1.Span;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Receives OTLP over HTTP and gRPC on a port of its own, and keeps what it gets.
public final class OtlpReceiver implements QuarkusTestResourceLifecycleManager {
    static final String PROTOCOL = "protocol";
    private static final int GRPC_HEAD = 5;
    /// Longer than who sends waits for an answer that got lost.
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(40);
    private static final Object MONITOR = new Object();
    private static final List<Span> SPANS = new ArrayList<>();
    private static final Map<String, Metric> METRICS = new HashMap<>();
    private static final List<LogRecord> LOGS = new ArrayList<>();
    private static final List<String> SERVICES = new ArrayList<>();

    private final Map<String, String> arguments = new HashMap<>();
    private Vertx vertx;

    @Override
    public void init(Map<String, String> initArgs) {
        arguments.putAll(initArgs);
    }

    @Override
    public Map<String, String> start() {
        synchronized (MONITOR) {
            SPANS.clear();
            METRICS.clear();
            LOGS.clear();
            SERVICES.clear();
        }
        vertx = Vertx.vertx();
        HttpServer server = vertx.createHttpServer(
                        new HttpServerOptions().setPort(0).setHost("127.0.0.1"))
                .requestHandler(OtlpReceiver::receive)
                .listen()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
        Map<String, String> settings = new HashMap<>(Map.of(
                "loci.telemetry.otlp.endpoint", "http://127.0.0.1:" + server.actualPort(),
                "loci.telemetry.otlp.protocol", arguments.getOrDefault(PROTOCOL, "http/protobuf"),
                "quarkus.otel.metric.export.interval", "200ms",
                "quarkus.otel.bsp.schedule.delay", "50ms",
                "quarkus.otel.blrp.schedule.delay", "50ms"));
        arguments.forEach((key, value) -> {
            if (!key.equals(PROTOCOL)) {
                settings.put(key, value);
            }
        });
        return settings;
    }

    @Override
    public void stop() {
        if (vertx != null) {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static void receive(HttpServerRequest request) {
        boolean grpc = "application/grpc".equals(request.getHeader("content-type"));
        request.bodyHandler(body -> {
            try {
                take(request.path(), grpc ? body.getBytes(GRPC_HEAD, body.length()) : body.getBytes());
            } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(request.path(), e);
            }
            HttpServerResponse response = request.response();
            if (grpc) {
                response.putHeader("content-type", "application/grpc");
                response.putTrailer("grpc-status", "0");
                response.end(Buffer.buffer(new byte[GRPC_HEAD]));
            } else {
                response.putHeader("content-type", "application/x-protobuf").end();
            }
        });
    }

    private static void take(String path, byte[] body) throws InvalidProtocolBufferException {
        synchronized (MONITOR) {
            switch (path) {
                case "/v1/traces", "/opentelemetry.proto.collector.trace.v1.TraceService/Export" ->
                    ExportTraceServiceRequest.parseFrom(body)
                            .getResourceSpansList()
                            .forEach(resource -> {
                                resource.getResource()
                                        .getAttributesList()
                                        .forEach(attribute -> SERVICES.add(attribute.getKey() + "="
                                                + attribute.getValue().getStringValue()));
                                resource.getScopeSpansList().forEach(scope -> SPANS.addAll(scope.getSpansList()));
                            });
                case "/v1/metrics", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export" ->
                    ExportMetricsServiceRequest.parseFrom(body).getResourceMetricsList().stream()
                            .flatMap(resource -> resource.getScopeMetricsList().stream())
                            .flatMap(scope -> scope.getMetricsList().stream())
                            .forEach(metric -> METRICS.put(metric.getName(), metric));
                case "/v1/logs", "/opentelemetry.proto.collector.logs.v1.LogsService/Export" ->
                    ExportLogsServiceRequest.parseFrom(body).getResourceLogsList().stream()
                            .flatMap(resource -> resource.getScopeLogsList().stream())
                            .forEach(scope -> LOGS.addAll(scope.getLogRecordsList()));
                default -> throw new AssertionError("path: expected one of OTLP's, found " + path);
            }
            MONITOR.notifyAll();
        }
    }

    private static <T> T await(String what, java.util.function.Supplier<Optional<T>> found) {
        long end = System.nanoTime() + LIMIT_NANOS;
        synchronized (MONITOR) {
            for (Optional<T> now = found.get(); ; now = found.get()) {
                if (now.isPresent()) {
                    return now.get();
                }
                long left = (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    throw new AssertionError(what + ": not received; spans: "
                            + SPANS.stream().map(Span::getName).toList() + ", metrics: " + METRICS.keySet());
                }
                try {
                    MONITOR.wait(left);
                } catch (InterruptedException e) {
                    throw new AssertionError(what, e);
                }
            }
        }
    }

    /// All spans, once there is one that fits.
    static List<Span> spansWith(String what, Function<Span, Boolean> fits) {
        return await(
                what, () -> SPANS.stream().anyMatch(fits::apply) ? Optional.of(List.copyOf(SPANS)) : Optional.empty());
    }

    /// The metric, once it is as the function wants it.
    static Metric metric(String name, Function<Metric, Boolean> fits) {
        return await(name, () -> Optional.ofNullable(METRICS.get(name)).filter(fits::apply));
    }

    static Set<String> metricNames() {
        synchronized (MONITOR) {
            return Set.copyOf(METRICS.keySet());
        }
    }

    static LogRecord log(Function<LogRecord, Boolean> fits) {
        return await("log", () -> LOGS.stream().filter(fits::apply).findFirst());
    }

    static List<String> resourceAttributes() {
        synchronized (MONITOR) {
            return List.copyOf(SERVICES);
        }
    }
}
