package dev.loci.app;

/// What kind of program this is.
final class Executable {
    /// Whether this is a native image. Settled when the image is built, so that it holds nothing of what it cannot do.
    static final boolean NATIVE = System.getProperty("org.graalvm.nativeimage.imagecode") != null;

    private Executable() {}
}
