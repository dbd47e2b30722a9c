package dev.loci.kernel.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.kernel.AttentionKernelContract;
import dev.loci.kernel.EmbedKernelContract;
import dev.loci.kernel.KernelException;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.LimitKernelContract;
import dev.loci.kernel.MappedMemory;
import dev.loci.kernel.MatMulKernelContract;
import dev.loci.kernel.NormKernelContract;
import dev.loci.kernel.PackKernelContract;
import dev.loci.kernel.PoolKernelContract;
import dev.loci.kernel.QkvKernelContract;
import dev.loci.kernel.RetrievalKernelContract;
import dev.loci.kernel.SampleKernelContract;
import dev.loci.kernel.SwigluKernelContract;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Every function of the ABI gives the same through Panama and through JNI: [TwinBinding] compares each call that the
/// contracts make.
final class BindingsTest {
    @AfterAll
    static void everyFunctionWasCalledThroughBoth() {
        assertThat(TwinKernels.BINDING.called()).containsExactly(NativeFunction.values());
    }

    @Test
    void mappedMemoryIsTheSame() {
        MappedMemory memory = NativeMappedMemory.open(TwinKernels.LIBRARY);
        for (int i = 0; i < 2; i++) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment pages = memory.allocate(1 << 16, false, arena);
                pages.set(ValueLayout.JAVA_INT, 0, 7);
                memory.guard(pages);
                assertThat(memory.advise(pages, MappedMemory.Advice.RANDOM)).isTrue();
                assertThat(memory.residentBytes(pages).orElseThrow()).isPositive();
                assertThat(memory.faults()).isZero();
                assertThat(memory.majorFaults()).isNotNegative();
                memory.unguard(pages);
            }
        }
    }

    @Test
    void refusalsAreTheSame() {
        try (Arena arena = Arena.ofConfined();
                Kernels kernels = TwinKernels.open(1)) {
            assertThatThrownBy(() -> kernels.swiglu().activate(arena.allocate(32), 2, 2, arena.allocate(12)))
                    .isInstanceOf(KernelException.class)
                    .hasMessageContaining("loci_swiglu, out");
        }
    }

    @Test
    void unknownSymbolsAreNotFound() {
        assertThat(TwinKernels.BINDING.find("loci_nothing")).isEqualTo(MemorySegment.NULL);
    }

    @Nested
    final class AttentionTwin extends AttentionKernelContract {
        @Override
        protected Kernels open(int threads) {
            return TwinKernels.open(threads);
        }
    }

    @Nested
    final class EmbedTwin extends EmbedKernelContract {
        @Override
        protected Kernels open(int threads) {
            return TwinKernels.open(threads);
        }
    }

    @Nested
    final class LimitTwin extends LimitKernelContract {
        @Override
        protected Kernels open(int threads) {
            return TwinKernels.open(threads);
        }
    }

    @Nested
    final class MatMulTwin extends MatMulKernelContract {
        @Override
        protected Kernels open(int threads) {
            return TwinKernels.open(threads);
        }
    }

    @Nested
    final class NormTwin extends NormKernelContract {
        @Override
        protected Kernels open(int threads) {
            return TwinKernels.open(threads);
        }
    }

    @Nested
    final class PackTwin extends PackKernelContract {
        @Override
        protected Kernels open(int threads) {
            return TwinKernels.open(threads);
        }
    }

    @Nested
    final class PoolTwin extends PoolKernelContract {
        @Override
        protected Kernels open(int threads) {
            return TwinKernels.open(threads);
        }
    }

    @Nested
    final class QkvTwin extends QkvKernelContract {
        @Override
        protected Kernels open(int threads) {
            return TwinKernels.open(threads);
        }
    }

    @Nested
    final class RetrievalTwin extends RetrievalKernelContract {
        @Override
        protected Kernels open(int threads) {
            return TwinKernels.open(threads);
        }
    }

    @Nested
    final class SampleTwin extends SampleKernelContract {
        @Override
        protected Kernels open(int threads) {
            return TwinKernels.open(threads);
        }
    }

    @Nested
    final class SwigluTwin extends SwigluKernelContract {
        @Override
        protected Kernels open(int threads) {
            return TwinKernels.open(threads);
        }
    }
}
