package dev.loci.kernel.ffi;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.select.Isa;
import dev.loci.kernel.select.KernelBackend;
import dev.loci.kernel.select.KernelOptions;
import dev.loci.kernel.select.KernelSelector;
import java.util.Optional;

/// The native backends that contracts run on; where the machine lacks one, the test is aborted with the reason.
final class NativeBackends {
    private static final int AVX2_AND_AVX512 = 0b11;

    private NativeBackends() {}

    static Kernels open(Isa isa, int threads) {
        Kernels kernels = KernelSelector.open(new KernelOptions(KernelBackend.NATIVE, threads, Optional.of(isa)))
                .kernels();
        String expected = "native/" + isa.lowerCaseName();
        boolean had = kernels.name().equals(expected);
        if (!had) {
            kernels.close();
        }
        assumeTrue(had, "this machine lacks " + expected + ", its highest up to there is " + kernels.name());
        return kernels;
    }

    static Kernels openAvx512WithoutVnni(int threads) {
        NativeLibrary library = NativeLibrary.open();
        boolean has = (library.cpu().flags() & AVX2_AND_AVX512) == AVX2_AND_AVX512;
        assumeTrue(has, "this machine lacks AVX-512");
        return NativeKernels.open(library, "native/avx512", Isa.AVX512.code(), AVX2_AND_AVX512, threads);
    }
}
