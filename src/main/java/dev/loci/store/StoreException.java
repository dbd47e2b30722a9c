package dev.loci.store;

import dev.loci.tensor.TensorException;

/// A model directory that is not what it should be.
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private StoreException(String message) {
        super(message);
    }

    StoreException(TensorException cause) {
        super(cause.getMessage(), cause);
    }

    /// Says what was expected and what was found.
    /// @param where file of the directory, or the directory
    public static StoreException of(String where, String what, String expected, String found) {
        return new StoreException(where + ", " + what + ": expected " + expected + ", found " + found);
    }
}
