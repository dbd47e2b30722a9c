package dev.loci.kernel.ffi;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.select.Isa;
import java.nio.file.Path;

/// The library with both bindings on one copy of it.
final class TwinKernels {
    static final TwinBinding BINDING = BundledLibrary.extracted(TwinKernels::binding);
    static final NativeLibrary LIBRARY = new NativeLibrary("twin", BINDING);

    private TwinKernels() {}

    private static TwinBinding binding(Path file, String name) {
        System.load(file.toAbsolutePath().toString());
        return new TwinBinding(new PanamaBinding(NativeLibrary.symbols(file, name)), new JniBinding());
    }

    static Kernels open(int threads) {
        return NativeKernels.open(LIBRARY, "native/generic", Isa.GENERIC.code(), 0, threads);
    }
}
