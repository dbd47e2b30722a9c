package dev.loci.telemetry;

/// What a request asks for, as `gen_ai.operation.name` has it.
public enum Operation {
    CHAT("chat"),
    TEXT_COMPLETION("text_completion");

    private final String value;

    Operation(String value) {
        this.value = value;
    }

    String value() {
        return value;
    }
}
