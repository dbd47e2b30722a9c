package dev.loci.kernel.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.loci.kernel.Activations;
import dev.loci.kernel.KernelException;
import dev.loci.kernel.Kernels;
import dev.loci.kernel.Matrix;
import dev.loci.kernel.Values;
import dev.loci.kernel.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class NativeKernelsTest {
    private static final int GENERIC = 0;

    private final Arena arena = Arena.ofConfined();
    private final Kernels kernels = open(1);

    @AfterEach
    void close() {
        kernels.close();
        arena.close();
    }

    @Test
    void namesTheMemberAndItsSizeInARefusal() {
        assertThatThrownBy(() -> kernels.swiglu().activate(arena.allocate(32), 2, 2, arena.allocate(12)))
                .isInstanceOf(KernelException.class)
                .hasMessage("loci_swiglu, out: expected a buffer of at least the size that the dimensions need, "
                        + "found 12 bytes");
    }

    @Test
    void namesTheNumberInARefusal() {
        assertThatThrownBy(() -> kernels.swiglu().activate(arena.allocate(32), 2, -3, arena.allocate(12)))
                .isInstanceOf(KernelException.class)
                .hasMessage("loci_swiglu, inner: expected a number in its stated range, found -3");
    }

    @Test
    void namesABadIndex() {
        Matrix table = new Matrix(WeightType.F32, Values.f32(arena, 1), MemorySegment.NULL, 1, 1);
        assertThatThrownBy(() -> kernels.embed().embed(table, Values.i32(arena, 1), 1, arena.allocate(4)))
                .isInstanceOf(KernelException.class)
                .hasMessage("loci_embed, ids: expected every index in its stated range, found one outside");
    }

    @Test
    void refusesTheHeapBeforeItTakesAnAddress() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> kernels.swiglu().activate(MemorySegment.ofArray(new float[4]), 1, 2, arena.allocate(8)))
                .withMessage("segment: expected one off the heap, found one on the heap");
    }

    @Test
    void refusesMemoryThatWasClosed() {
        MemorySegment gone;
        try (Arena brief = Arena.ofConfined()) {
            gone = brief.allocate(16);
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> kernels.swiglu().activate(gone, 1, 2, arena.allocate(8)))
                .withMessage("segment: expected an open arena, found a closed one");
    }

    @Test
    void failsFastAfterClose() {
        Matrix weights = new Matrix(WeightType.F32, Values.f32(arena, 1), MemorySegment.NULL, 1, 1);
        MemorySegment x = Values.f32(arena, 1);
        kernels.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> kernels.matMul().multiply(x, 1, weights, Activations.F32, x, false));
        kernels.close();
    }

    @Test
    void refusesThreadsAndSetsOutOfRange() {
        assertThatThrownBy(() -> open(0))
                .isInstanceOf(KernelException.class)
                .hasMessage("loci_open, threads: expected a number in its stated range, found 0");
        assertThatThrownBy(() -> NativeKernels.open(NativeLibrary.open(), "x", 9, 0, 1))
                .isInstanceOf(KernelException.class)
                .hasMessage("loci_open, isa: expected a number in its stated range, found 9");
    }

    @Test
    void severalWorkOnThreadsOfTheirOwn() throws Exception {
        MemorySegment x = Arena.global().allocate(8L * 64, 4);
        MemorySegment out = Arena.global().allocate(4L * 64, 4);
        Kernels other = open(2);
        Thread thread = Thread.ofPlatform().start(() -> {
            other.swiglu().activate(x, 1, 64, out);
            other.close();
        });
        thread.join();
        assertThatIllegalStateException().isThrownBy(() -> other.swiglu().activate(x, 1, 64, out));
    }

    @Test
    void structsHaveTheSizesOfTheHeader() {
        assertThat(NativeFunction.EMBED.bytes()).isEqualTo(88);
        assertThat(NativeFunction.MATMUL.bytes()).isEqualTo(96);
        assertThat(NativeFunction.NORM.bytes()).isEqualTo(64);
        assertThat(NativeFunction.SWIGLU.bytes()).isEqualTo(40);
        assertThat(NativeFunction.QKV.bytes()).isEqualTo(224);
        assertThat(NativeFunction.ATTENTION.bytes()).isEqualTo(160);
        assertThat(NativeFunction.RETRIEVE.bytes()).isEqualTo(192);
        assertThat(NativeFunction.POOL.bytes()).isEqualTo(128);
        assertThat(NativeFunction.SAMPLE.bytes()).isEqualTo(192);
        assertThat(SampleRowStructs.BYTES).isEqualTo(120);
        assertThat(MatrixStruct.BYTES).isEqualTo(Member.Kind.MATRIX.bytes());
        assertThat(KvStruct.BYTES).isEqualTo(Member.Kind.KV.bytes());
        assertThat(TokensStruct.BYTES).isEqualTo(Member.Kind.TOKENS.bytes());
    }

    private static Kernels open(int threads) {
        return NativeKernels.open(NativeLibrary.open(), "native/generic", GENERIC, 0, threads);
    }
}
