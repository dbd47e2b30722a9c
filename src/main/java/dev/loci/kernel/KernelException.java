package dev.loci.kernel;

/// A backend that cannot be had, or an op that refused its arguments.
public final class KernelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private KernelException(String message, Throwable cause) {
        super(message, cause);
    }

    public static KernelException of(String where, String what, String expected, String found) {
        return new KernelException(where + ", " + what + ": expected " + expected + ", found " + found, null);
    }

    public static KernelException of(String where, String what, String expected, String found, Throwable cause) {
        return new KernelException(where + ", " + what + ": expected " + expected + ", found " + found, cause);
    }
}
