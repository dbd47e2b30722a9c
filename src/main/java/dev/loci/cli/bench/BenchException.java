package dev.loci.cli.bench;

/// A figure whose result is wrong.
public final class BenchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BenchException(String message) {
        super(message);
    }
}
