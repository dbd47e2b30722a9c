package dev.loci.kernel.ffi;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.MatMulKernelContract;
import dev.loci.kernel.select.Isa;
import org.junit.jupiter.api.Nested;

final class NativeMatMulTest {
    @Nested
    final class Generic extends MatMulKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.GENERIC, threads);
        }
    }

    @Nested
    final class Avx2 extends MatMulKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.AVX2, threads);
        }
    }

    @Nested
    final class Avx512 extends MatMulKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.AVX512, threads);
        }
    }

    @Nested
    final class Avx512WithoutVnni extends MatMulKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.openAvx512WithoutVnni(threads);
        }
    }

    @Nested
    final class Amx extends MatMulKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.AMX, threads);
        }
    }
}
