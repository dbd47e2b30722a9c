package dev.loci.config;

/// A value of the configuration that cannot be.
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private ConfigException(String message) {
        super(message);
    }

    public static ConfigException of(String where, String what, String expected, String found) {
        return new ConfigException(where + ", " + what + ": expected " + expected + ", found " + found);
    }
}
