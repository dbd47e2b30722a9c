package dev.loci.kernel.ffi;

/// What kind of program this is, settled when an image is built: a builder folds what depends on it.
final class NativeImage {
    /// System property of the builder: `jni`, which is the default, or `panama`.
    static final String BINDING_PROPERTY = "loci.native.binding";

    private static final String IMAGE_PROPERTY = "org.graalvm.nativeimage.imagecode";

    /// Whether the kernels are part of the executable and called through JNI.
    static final boolean LINKED_IN =
            System.getProperty(IMAGE_PROPERTY) != null && binding().equals(JniBinding.NAME);

    private NativeImage() {}

    /// The binding that an image gets.
    static String binding() {
        String name = System.getProperty(BINDING_PROPERTY, JniBinding.NAME);
        if (!name.equals(JniBinding.NAME) && !name.equals(PanamaBinding.NAME)) {
            throw new IllegalArgumentException(BINDING_PROPERTY + ": expected " + JniBinding.NAME + " or "
                    + PanamaBinding.NAME + ", found " + name);
        }
        return name;
    }
}
