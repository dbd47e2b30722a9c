package dev.loci.kernel.ffi;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.PackKernelContract;
import dev.loci.kernel.select.Isa;
import org.junit.jupiter.api.Nested;

final class NativePackTest {
    @Nested
    final class Generic extends PackKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.GENERIC, threads);
        }
    }

    @Nested
    final class Avx2 extends PackKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.AVX2, threads);
        }
    }

    @Nested
    final class Avx512 extends PackKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.AVX512, threads);
        }
    }

    @Nested
    final class Avx512WithoutVnni extends PackKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.openAvx512WithoutVnni(threads);
        }
    }
}
