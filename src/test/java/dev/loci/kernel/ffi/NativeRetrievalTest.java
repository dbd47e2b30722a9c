package dev.loci.kernel.ffi;

import dev.loci.kernel.Kernels;
import dev.loci.kernel.RetrievalKernelContract;
import dev.loci.kernel.select.Isa;
import org.junit.jupiter.api.Nested;

final class NativeRetrievalTest {
    @Nested
    final class Generic extends RetrievalKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.GENERIC, threads);
        }
    }

    @Nested
    final class Avx2 extends RetrievalKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.AVX2, threads);
        }
    }

    @Nested
    final class Avx512 extends RetrievalKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.AVX512, threads);
        }
    }
}
