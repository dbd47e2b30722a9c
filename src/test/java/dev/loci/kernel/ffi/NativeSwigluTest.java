package dev.loci.kernel.ffi;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.SwigluKernelContract;
import dev.loci.kernel.select.Isa;
import org.junit.jupiter.api.Nested;

final class NativeSwigluTest {
    @Nested
    final class Generic extends SwigluKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.GENERIC, threads);
        }
    }

    @Nested
    final class Avx2 extends SwigluKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.AVX2, threads);
        }
    }

    @Nested
    final class Avx512 extends SwigluKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.AVX512, threads);
        }
    }
}
