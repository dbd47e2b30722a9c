package dev.loci.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.loci.kernel.scalar.ScalarKernels;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// What the contracts of all ops share: a backend, the reference, and outputs with a band behind them that stays as it
/// is.
public abstract class KernelContract {
    /// Twice the unit roundoff of f32: the step of the error bounds.
    protected static final double STEP = 0x1p-23;

    private static final int BAND_BYTES = 64;
    private static final byte BAND = 0x5A;

    private final List<MemorySegment> bands = new ArrayList<>();
    protected final Kernels reference = new ScalarKernels();
    protected Arena arena;
    protected Samples samples;
    protected Kernels kernels;

    /// Opens the backend, or aborts the test with the reason why this machine lacks it.
    protected abstract Kernels open(int threads);

    @BeforeEach
    final void openKernels() {
        kernels = open(1);
        assertThat(kernels).as("a backend other than the reference").isNotInstanceOf(ScalarKernels.class);
        arena = Arena.ofConfined();
        samples = new Samples(arena);
    }

    @AfterEach
    final void closeKernels() {
        if (arena != null) {
            try {
                bands.forEach(this::assertIntact);
            } finally {
                kernels.close();
                arena.close();
            }
        }
    }

    private void assertIntact(MemorySegment band) {
        for (int i = 0; i < BAND_BYTES; i++) {
            assertThat(band.get(ValueLayout.JAVA_BYTE, i))
                    .as("byte " + i + " behind an output, " + samples.seed())
                    .isEqualTo(BAND);
        }
    }

    /// Memory for an output of f32, filled with NaN so that gaps show.
    protected final MemorySegment out(long count) {
        MemorySegment out = outBytes(count * Float.BYTES);
        for (long i = 0; i < count; i++) {
            out.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.NaN);
        }
        return out;
    }

    protected final MemorySegment outBytes(long bytes) {
        MemorySegment whole = arena.allocate(bytes + BAND_BYTES, Long.BYTES);
        whole.fill(BAND);
        bands.add(whole.asSlice(bytes));
        return whole.asSlice(0, bytes);
    }

    protected final MemorySegment copy(MemorySegment segment) {
        MemorySegment copy = outBytes(segment.byteSize());
        return copy.copyFrom(segment);
    }

    /// Compares f32 by f32.
    /// @param bound largest error of element i
    protected final void assertWithin(
            MemorySegment actual, MemorySegment expected, LongToDoubleFunction bound, String what) {
        assertThat(actual.byteSize()).isEqualTo(expected.byteSize());
        for (long i = 0; i < expected.byteSize() / Float.BYTES; i++) {
            float a = Values.f32(actual, i);
            float e = Values.f32(expected, i);
            double allowed = bound.applyAsDouble(i);
            if (!(Math.abs((double) a - e) <= allowed)) {
                throw new AssertionError(what + "[" + i + "]: expected " + e + " +- " + allowed + ", found " + a + ", "
                        + samples.seed());
            }
        }
    }

    protected final void assertSameBits(MemorySegment actual, MemorySegment expected, String what) {
        long at = actual.mismatch(expected);
        assertThat(at).as(what + ": first byte that differs, " + samples.seed()).isEqualTo(-1);
    }

    /// Runs what an op must refuse.
    protected final void assertRefused(Runnable call, String what) {
        try {
            call.run();
        } catch (IllegalArgumentException | KernelException e) {
            assertThat(e.getMessage()).contains(": expected ").contains(", found ");
            return;
        }
        throw new AssertionError(what + ": expected a refusal, found none");
    }
}
