package dev.loci.cli;

/// A command that cannot be done as it was asked for.
final class CliException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private CliException(String message) {
        super(message);
    }

    /// @param where the command line, or a file
    static CliException of(String where, String what, String expected, String found) {
        return new CliException(where + ", " + what + ": expected " + expected + ", found " + found);
    }

    /// A refused value of an option.
    static CliException ofOption(String option, String expected, Object found) {
        return of("command line", option, expected, String.valueOf(found));
    }
}
