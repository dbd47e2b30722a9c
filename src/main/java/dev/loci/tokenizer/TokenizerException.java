package dev.loci.tokenizer;

/// A file that is no tokenizer, a chat template that cannot be used, or messages that a template refuses.
public final class TokenizerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private TokenizerException(String message, Throwable cause) {
        super(message, cause);
    }

    public static TokenizerException of(String where, String what, String expected, String found) {
        return of(where, what, expected, found, null);
    }

    /// @param cause null where there is none, as in [Throwable#getCause]
    static TokenizerException of(String where, String what, String expected, String found, Throwable cause) {
        return new TokenizerException(where + ", " + what + ": expected " + expected + ", found " + found, cause);
    }
}
