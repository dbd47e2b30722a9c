package dev.loci.telemetry;

import io.opentelemetry.api.common.AttributeKey;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/// Names of attributes, and buckets. Those that begin with `gen_ai.` are of OpenTelemetry's conventions for generative
/// AI; none of their buckets may change.
final class Names {
    static final String SCOPE = "dev.loci";
    static final String PROVIDER = "loci";

    static final AttributeKey<String> OPERATION_NAME = AttributeKey.stringKey("gen_ai.operation.name");
    static final AttributeKey<String> PROVIDER_NAME = AttributeKey.stringKey("gen_ai.provider.name");
    static final AttributeKey<String> REQUEST_MODEL = AttributeKey.stringKey("gen_ai.request.model");
    static final AttributeKey<String> RESPONSE_MODEL = AttributeKey.stringKey("gen_ai.response.model");
    static final AttributeKey<String> TOKEN_TYPE = AttributeKey.stringKey("gen_ai.token.type");
    static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
    static final String INPUT = "input";
    static final String OUTPUT = "output";

    static final AttributeKey<String> REASON = AttributeKey.stringKey("reason");
    static final AttributeKey<String> STAGE = AttributeKey.stringKey("stage");
    static final AttributeKey<String> STATE = AttributeKey.stringKey("state");
    static final AttributeKey<String> KIND = AttributeKey.stringKey("kind");
    static final AttributeKey<String> TABLE = AttributeKey.stringKey("table");
    static final AttributeKey<String> MODEL = AttributeKey.stringKey("model");

    /// An error that no code is known for.
    static final String OTHER_ERROR = "_OTHER";

    static final List<Double> DURATION_SECONDS =
            List.of(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);
    static final List<Double> FIRST_TOKEN_SECONDS =
            List.of(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);
    static final List<Double> OUTPUT_TOKEN_SECONDS =
            List.of(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5);
    /// 1, 4, 16, ... 67108864
    static final List<Double> TOKENS =
            DoubleStream.iterate(1, bound -> bound * 4).limit(14).boxed().toList();

    /// The conventions' buckets begin where small models end.
    static final List<Double> FINE_OUTPUT_TOKEN_SECONDS = List.of(
            0.00025, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075,
            0.1, 0.25, 0.5, 1.0, 2.5);
    static final List<Double> WAIT_SECONDS =
            List.of(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0);
    static final List<Double> CHOICES = List.of(1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0);

    private Names() {}

    /// As attributes have it.
    static String value(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
