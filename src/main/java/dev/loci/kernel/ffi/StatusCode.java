package dev.loci.kernel.ffi;

/// What the C side can find wrong with a member; numbers are those of the ABI.
enum StatusCode {
    NULL(1, "a buffer"),
    SMALL(2, "a buffer of at least the size that the dimensions need"),
    RANGE(3, "a number in its stated range"),
    INDEX(4, "every index in its stated range"),
    UNSUPPORTED(5, "what this build and this CPU support"),
    MEMORY(6, "memory for scratch"),
    SYSTEM(7, "consent of the operating system"),
    UNKNOWN(0, "a status of this ABI");

    private final int code;
    private final String expected;

    StatusCode(int code, String expected) {
        this.code = code;
        this.expected = expected;
    }

    static StatusCode of(int code) {
        for (StatusCode status : values()) {
            if (status.code == code) {
                return status;
            }
        }
        return UNKNOWN;
    }

    String expected() {
        return expected;
    }

    /// What was found where the arguments do not tell.
    String found() {
        return switch (this) {
            case NULL, MEMORY -> "none";
            case SMALL -> "a smaller one";
            case RANGE -> "one outside";
            case INDEX -> "one outside";
            case UNSUPPORTED -> "something else";
            case SYSTEM -> "refusal";
            case UNKNOWN -> "another";
        };
    }
}
