package dev.loci.tensor;

/// A tensor file that is not what it should be.
public final class TensorException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private TensorException(String message) {
        super(message);
    }

    /// Says what was expected and what was found.
    /// @param where file, and byte offset or part where that helps
    /// @param what  may hold a name out of the file, line breaks and all: they become blanks
    public static TensorException of(String where, String what, String expected, String found) {
        return new TensorException(
                where + ", " + what.replaceAll("\\s+", " ") + ": expected " + expected + ", found " + found);
    }
}
