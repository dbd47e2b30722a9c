package dev.loci.kernel.ffi;

import java.util.List;
import org.graalvm.nativeimage.hosted.Feature;
import org.graalvm.nativeimage.hosted.RuntimeForeignAccess;
import org.graalvm.nativeimage.hosted.RuntimeResourceAccess;

/// What a builder of native images must know about the kernels. With JNI, that `libloci_kernels_static.a` is linked in
/// and
/// that the native methods of this package are found there; with Panama, the shape of the functions, and the library as
/// a
/// resource.
///
/// The builder has no public way to link a JNI library in, so its own types are called by name;
/// `native-image.properties`
/// exports them.
public final class KernelsFeature implements Feature {
    private static final String LIBRARY = "loci_kernels_static";

    @Override
    public void beforeAnalysis(BeforeAnalysisAccess access) {
        if (NativeImage.binding().equals(PanamaBinding.NAME)) {
            RuntimeForeignAccess.registerForDowncall(NativeFunction.SHAPE);
            RuntimeResourceAccess.addResource(
                    KernelsFeature.class.getModule(),
                    BundledLibrary.resource(System.getProperty("os.name"), System.getProperty("os.arch")));
            return;
        }
        String prefix = getClass().getPackageName().replace('.', '_');
        call(
                "com.oracle.svm.core.jdk.PlatformNativeLibrarySupport",
                "addBuiltinPkgNativePrefix",
                List.of(String.class),
                prefix);
        call(
                "com.oracle.svm.hosted.c.NativeLibraries",
                "addStaticJniLibrary",
                List.of(String.class, String[].class),
                LIBRARY,
                new String[0]);
        call("com.oracle.svm.hosted.c.NativeLibraries", "addDynamicNonJniLibrary", List.of(String.class), "m");
    }

    private static void call(String type, String method, List<Class<?>> parameters, Object... arguments) {
        try {
            Class<?> owner = Class.forName(type);
            Object singleton = owner.getMethod("singleton").invoke(null);
            owner.getMethod(method, parameters.toArray(new Class<?>[0])).invoke(singleton, arguments);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "native-image, " + type + "." + method + ": expected a builder that has it, found " + e, e);
        }
    }
}
