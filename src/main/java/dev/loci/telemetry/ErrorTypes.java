package dev.loci.telemetry;

import java.util.Set;

/// Values of `error.type` and of the reasons of refusals: the error codes of the API. Anything else, which a later
/// version may bring, becomes [Names#OTHER_ERROR], so that the number of series stays bounded.
final class ErrorTypes {
    static final String CANCELLED = "cancelled";

    private static final Set<String> KNOWN = Set.of(
            CANCELLED,
            "bad_request",
            "bodies_full",
            "context_length_exceeded",
            "damaged",
            "grammars_full",
            "internal_error",
            "invalid_api_key",
            "invalid_json",
            "invalid_type",
            "invalid_value",
            "missing_parameter",
            "model_not_found",
            "not_found",
            "not_started",
            "no_model",
            "queue_full",
            "request_too_large",
            "stopping",
            "timeout",
            "unknown_parameter",
            "unreadable_body",
            "unsupported_parameter",
            "unsupported_value");

    private ErrorTypes() {}

    static String bounded(String code) {
        return KNOWN.contains(code) ? code : Names.OTHER_ERROR;
    }
}
