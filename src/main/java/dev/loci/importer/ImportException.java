package dev.loci.importer;

/// A checkpoint that cannot be imported.
public final class ImportException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private ImportException(String message) {
        super(message);
    }

    /// Says what was expected and what was found.
    /// @param where file of the checkpoint
    /// @param what  key, tensor or range
    public static ImportException of(String where, String what, String expected, String found) {
        return new ImportException(where + ", " + what + ": expected " + expected + ", found " + found);
    }
}
