package dev.loci.api.openai;

import dev.loci.engine.EngineException;
import dev.loci.engine.GenerationEvent;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/// An answer other than success, in OpenAI's shape.
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    static final String INVALID_REQUEST = "invalid_request_error";
    static final String INTERNAL_ERROR = "internal_error";
    static final String UNREADABLE_BODY = "unreadable_body";

    private final int status;
    private final String type;
    private final transient Optional<String> param;
    private final String code;
    private final transient OptionalLong retryAfterSeconds;

    private ApiException(int status, String type, Optional<String> param, String code, String message) {
        this(status, type, param, code, message, OptionalLong.empty());
    }

    private ApiException(
            int status,
            String type,
            Optional<String> param,
            String code,
            String message,
            OptionalLong retryAfterSeconds) {
        super(message);
        this.status = status;
        this.type = Objects.requireNonNull(type, "type");
        this.param = param;
        this.code = Objects.requireNonNull(code, "code");
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /// A parameter with an impossible value.
    static ApiException invalid(String param, String expected, String found) {
        return parameter("invalid_value", param, expected, found);
    }

    static ApiException parameter(String code, String param, String expected, String found) {
        return new ApiException(
                400, INVALID_REQUEST, Optional.of(param), code, param + ": expected " + expected + ", found " + found);
    }

    /// A request that is wrong as a whole.
    static ApiException request(int status, String code, String message) {
        return new ApiException(status, INVALID_REQUEST, Optional.empty(), code, message);
    }

    static ApiException modelNotFound(String served, String found) {
        return new ApiException(
                404,
                INVALID_REQUEST,
                Optional.of("model"),
                "model_not_found",
                "model: expected " + served + ", found " + found);
    }

    /// @param found whether there was a key at all; which one is nobody's business
    static ApiException unauthorized(boolean found) {
        return request(
                401,
                "invalid_api_key",
                "Authorization: expected Bearer and an API key of this server, found "
                        + (found ? "another key" : "none"));
    }

    static ApiException unavailable(String code, String message) {
        return new ApiException(503, "service_unavailable_error", Optional.empty(), code, message);
    }

    /// A right request for which there is no room now.
    static ApiException full(String code, String message, long retryAfterSeconds) {
        return new ApiException(
                429, "rate_limit_error", Optional.empty(), code, message, OptionalLong.of(retryAfterSeconds));
    }

    static ApiException noModel() {
        return unavailable("no_model", "model: expected a loaded one, found none (it loads, failed to load, or stops)");
    }

    static ApiException internal(String message) {
        return new ApiException(500, "server_error", Optional.empty(), INTERNAL_ERROR, message);
    }

    static ApiException of(EngineException e) {
        return switch (e.kind()) {
            case REQUEST -> request(400, "invalid_value", e.getMessage());
            case QUEUE_FULL -> full("queue_full", e.getMessage(), e.retryAfterSeconds());
            case STOPPING -> unavailable("stopping", e.getMessage());
            case DAMAGED -> unavailable("damaged", e.getMessage());
            case START -> unavailable("not_started", e.getMessage());
        };
    }

    static ApiException of(GenerationEvent.Failed failed) {
        return switch (failed.cause()) {
            case TIMEOUT -> new ApiException(504, "timeout_error", Optional.empty(), "timeout", failed.message());
            case STOPPING -> unavailable("stopping", failed.message());
            case STEP -> internal(failed.message());
            case DAMAGED -> unavailable("damaged", failed.message());
        };
    }

    /// When to try again, where the server knows.
    OptionalLong retryAfterSeconds() {
        return retryAfterSeconds;
    }

    String code() {
        return code;
    }

    int status() {
        return status;
    }

    Wire.ErrorBody body() {
        return new Wire.ErrorBody(new Wire.ErrorDetail(getMessage(), type, param, code));
    }
}
