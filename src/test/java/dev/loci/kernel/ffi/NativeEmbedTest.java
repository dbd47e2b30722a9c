package dev.loci.kernel.ffi;

import dev.loci.kernel.EmbedKernelContract;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.select.Isa;
import org.junit.jupiter.api.Nested;

final class NativeEmbedTest {
    @Nested
    final class Generic extends EmbedKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.GENERIC, threads);
        }
    }

    @Nested
    final class Avx2 extends EmbedKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.AVX2, threads);
        }
    }

    @Nested
    final class Avx512 extends EmbedKernelContract {
        @Override
        protected Kernels open(int threads) {
            return NativeBackends.open(Isa.AVX512, threads);
        }
    }
}
